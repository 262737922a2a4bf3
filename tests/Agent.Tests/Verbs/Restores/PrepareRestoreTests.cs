using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class PrepareRestoreTests : IDisposable
{
    private readonly RestoreNode _node = new();

    private string Scratch => Directory.EnumerateDirectories(_node.DataDir, ".etcdfleet-restore-*").Single();

    [Fact]
    public async Task Prepare_ARealSnapshot_LiesBesideThePresentDataAndIsEtcds()
    {
        await _node.WithSnapshotAsync();
        var before = File.ReadAllText(Path.Combine(_node.DataDir, "member/snap/db"));

        var response = await _node.PrepareAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(21L, response.Revision);
        Assert.InRange(response.Keys, 20UL, 40UL); // etcdutl counts etcd's own as well
        Assert.Equal(before, File.ReadAllText(Path.Combine(_node.DataDir, "member/snap/db")));
        Assert.Equal("0:0 0700", Native.Stat(Scratch)!.Value.Owner.ToString());
        Assert.All(
            Directory.EnumerateFileSystemEntries(Path.Combine(Scratch, "restored"), "*", SearchOption.AllDirectories),
            path => Assert.Equal((TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup), (Native.Stat(path)!.Value.Owner.User, Native.Stat(path)!.Value.Owner.Group)));
        Assert.True((await _node.GetAsync()).Ready);
    }

    [Fact]
    public async Task Prepare_Twice_IsNoChange()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();

        Assert.False((await _node.PrepareAsync()).Change.Changed);
    }

    [Fact]
    public async Task Prepare_AgainWithAnotherToken_IsMadeAnew()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        var first = Scratch;

        Assert.True((await _node.PrepareAsync(token: "another-token")).Change.Changed);

        Assert.NotEqual(first, Scratch);
    }

    /// <summary>The agent died while etcdutl worked: its half is thrown away.</summary>
    [Fact]
    public async Task Prepare_AfterADeathInTheMiddle_IsMadeAnew()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        _node.Records.Write(_node.Records.Read()! with { Ready = false });
        Directory.Delete(Path.Combine(Scratch, "restored/member/wal"), recursive: true);

        Assert.True((await _node.PrepareAsync()).Change.Changed);

        Assert.True(Directory.Exists(Path.Combine(Scratch, "restored/member/wal")));
    }

    [Fact]
    public async Task Prepare_OtherBytesThanAnnounced_IsRefused()
    {
        await _node.WithSnapshotAsync();
        File.AppendAllText(Path.Combine(_node.Root.Snapshots, RestoreNode.Snapshot), "more");

        await Faults.MessageAsync(FaultReason.DigestMismatch, () => _node.PrepareAsync());
        Assert.Equal(["member"], _node.Names);
    }

    [Fact]
    public async Task Prepare_NoSnapshotOrALink_IsRefused()
    {
        await Faults.MessageAsync(FaultReason.DigestMismatch, () => _node.PrepareAsync());
        Directory.CreateDirectory(_node.Root.Snapshots);
        File.CreateSymbolicLink(Path.Combine(_node.Root.Snapshots, RestoreNode.Snapshot), "/etc/passwd");
        await Faults.MessageAsync(FaultReason.DigestMismatch, () => _node.PrepareAsync());
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    public async Task Prepare_APathForAName_IsInvalid(string name) => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.PrepareAsync(name: name));

    [Theory]
    [InlineData("https://10.66.0.99:2380")]
    [InlineData("https://10.66.0.11:2380,cp9=https://10.66.0.66:2380")]
    [InlineData("")]
    public async Task Prepare_AnotherPeerUrlThanTheManifests_IsInvalid(string url) => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.PrepareAsync(peerUrl: url));

    [Theory]
    [InlineData("short")]
    [InlineData("--data-dir=/etc")]
    [InlineData("With Blanks and Capitals")]
    public async Task Prepare_NotAToken_IsInvalid(string token)
    {
        await _node.WithSnapshotAsync();

        if (token.StartsWith("--", StringComparison.Ordinal))
        {
            token += "/"; // a slash, as a path would have
        }

        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.PrepareAsync(token: token));
    }

    [Fact]
    public async Task Prepare_EtcdInItsStaticPod_IsRefusedWithWhatToDo()
    {
        await _node.WithSnapshotAsync();
        File.Move(_node.Root.StashedEtcdManifest, _node.Root.EtcdManifest);

        Assert.Contains("docs/restore.md", await Faults.MessageAsync(FaultReason.PodRunning, () => _node.PrepareAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prepare_AnEtcdutlThatCannotRaiseTheRevision_IsRefused()
    {
        await _node.WithSnapshotAsync();
        var old = new FakePrograms();
        old.Answer($"{_node.Root.Binaries}/etcdutl snapshot restore --help", "Flags:\n --data-dir string");
        _node.Programs = old;

        await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.PrepareAsync());
    }

    [Fact]
    public async Task Prepare_NotASnapshotAtAll_IsTheProgramsFault()
    {
        await _node.WithSnapshotAsync();
        File.WriteAllText(Path.Combine(_node.Root.Snapshots, RestoreNode.Snapshot), "nothing of the kind");

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.PrepareAsync(sha256: Digest.Of("nothing of the kind"u8)));
        Assert.Equal(["member"], _node.Names);
    }

    [Fact]
    public async Task Prepare_AnotherSnapshotIsHalfWay_IsRefused()
    {
        await _node.WithControlPlaneStoppedAsync();

        await Faults.MessageAsync(FaultReason.RestoreUnderWay, () => _node.PrepareAsync(sha256: new string('a', 64)));
    }

    /// <summary>The disk is gone and a new one mounted: root's, and empty.</summary>
    [Fact]
    public async Task Prepare_ANewDisk_BelongsToEtcd()
    {
        await _node.WithSnapshotAsync();
        Directory.Delete(_node.DataDir, recursive: true);
        Directory.CreateDirectory(_node.DataDir);

        await _node.PrepareAsync();

        Assert.Equal(TempHostRoot.EtcdUser, Native.Stat(_node.DataDir)!.Value.Owner.User);
    }

    [Fact]
    public async Task Prepare_TheDataDirIsALink_IsRefused()
    {
        await _node.WithSnapshotAsync();
        var elsewhere = Path.Combine(_node.Root.Prefix, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        Directory.Delete(_node.DataDir, recursive: true);
        File.CreateSymbolicLink(_node.DataDir, elsewhere);

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => _node.PrepareAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
    }

    public void Dispose() => _node.Dispose();
}
