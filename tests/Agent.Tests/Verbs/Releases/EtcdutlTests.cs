using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

/// <summary>With the real etcdutl, on snapshots of a real etcd.</summary>
public sealed class EtcdutlTests : IAsyncLifetime
{
    private EtcdCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EtcdMemberNode Node => _cluster[0];

    private string Snapshot => Path.Combine(Node.Folder, "s.db");

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(1, Token);
        Node.InstallPrograms();
        await EtcdCluster.CtlAsync(Node, "put", "a", "1");
        await EtcdCluster.CtlAsync(Node, "put", "a", "2");
        await EtcdCluster.CtlAsync(Node, "snapshot", "save", Snapshot);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Find_Installed_IsTheOneInUsrLocalBin()
    {
        var found = await Node.Etcdutl.FindAsync(Token);

        Assert.Equal(Path.Combine(Node.Root.Binaries, "etcdutl"), found!.File);
        Assert.Matches(@"^3\.\d+\.\d+$", found.Version);
    }

    [Fact]
    public async Task Find_OnlyInTheCache_IsTheNewestWholeRelease()
    {
        Directory.Delete(Node.Root.Binaries, recursive: true);
        Cache("3.5.9");
        Cache("3.5.16");
        Cache("3.10.0");
        File.AppendAllText(Node.Releases.Program("3.10.0", "etcdutl"), "damaged");

        Assert.Equal((Path.GetDirectoryName(Node.Releases.Program("3.5.16", "etcdutl")), "3.5.16"), await Node.Etcdutl.FindAsync(Token) is { } found ? (found.Folder, found.Version) : default);
    }

    [Fact]
    public async Task Require_NeitherInstalledNorCached_SaysWhatToDo()
    {
        Directory.Delete(Node.Root.Binaries, recursive: true);

        Assert.Null(await Node.Etcdutl.FindAsync(Token));
        Assert.Contains("neither in /usr/local/bin nor in the agent's cache", await Faults.MessageAsync(FaultReason.EtcdutlMissing, () => Node.Etcdutl.RequireAsync(Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_ALinkHasTheName_IsRefused()
    {
        File.Delete(Path.Combine(Node.Root.Binaries, "etcdutl"));
        File.CreateSymbolicLink(Path.Combine(Node.Root.Binaries, "etcdutl"), "/bin/true");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => Node.Etcdutl.FindAsync(Token));
    }

    [Fact]
    public async Task Status_AWholeSnapshot_SaysRevisionAndKeys()
    {
        var status = await Node.Etcdutl.StatusAsync(await Node.Etcdutl.RequireAsync(Token), Snapshot, Token);

        Assert.Equal(3, status.Revision);
        Assert.True(status.Keys >= 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(9000)]
    public async Task Status_CutShort_IsDamaged(int size)
    {
        using (var file = new FileStream(Snapshot, FileMode.Open))
        {
            file.SetLength(size);
        }

        await Faults.MessageAsync(FaultReason.SnapshotDamaged, async () => await Node.Etcdutl.StatusAsync(await Node.Etcdutl.RequireAsync(Token), Snapshot, Token));
    }

    [Fact]
    public async Task Restore_AWholeSnapshot_MakesADataDir()
    {
        var wanted = Wanted();

        await Node.Etcdutl.RestoreAsync(await Node.Etcdutl.RequireAsync(Token), Snapshot, wanted with { BumpRevision = 1_000_000_000, MarkCompacted = true }, Token);

        Assert.True(File.Exists(Path.Combine(wanted.DataDir, "member", "snap", "db")));
    }

    [Fact]
    public async Task Restore_OneByteIsAnother_IsDamaged()
    {
        using (var file = new FileStream(Snapshot, FileMode.Open))
        {
            file.Position = file.Length / 2;
            var was = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(was ^ 1));
        }

        await Faults.MessageAsync(FaultReason.SnapshotDamaged, async () => await Node.Etcdutl.RestoreAsync(await Node.Etcdutl.RequireAsync(Token), Snapshot, Wanted(), Token));
    }

    [Fact]
    public async Task Restore_TheFolderIsThere_Fails()
    {
        Directory.CreateDirectory(Path.Combine(Wanted().DataDir, "member"));

        await Faults.MessageAsync(FaultReason.ProgramFailed, async () => await Node.Etcdutl.RestoreAsync(await Node.Etcdutl.RequireAsync(Token), Snapshot, Wanted(), Token));
    }

    private EtcdutlRestore Wanted() => new()
    {
        DataDir = Path.Combine(Node.Folder, "restored"), Name = "cp1", InitialCluster = "cp1=http://127.0.0.1:1", PeerUrls = "http://127.0.0.1:1", Token = "t",
    };

    /// <summary>A release as FetchRelease leaves it.</summary>
    private void Cache(string version)
    {
        Node.Releases.Prepare();
        var part = Node.Releases.Part(version);
        Directory.CreateDirectory(part);
        var digests = new Dictionary<string, string>();
        foreach (var name in ReleaseName.Programs)
        {
            File.WriteAllText(Path.Combine(part, name), $"{name} {version}");
            digests[name] = TestTarball.Digest(File.ReadAllBytes(Path.Combine(part, name)));
        }

        File.WriteAllText(Node.Releases.Tarball(version), version);
        Node.Releases.Keep(part, new()
        {
            Version = version, Sha256 = TestTarball.Digest(File.ReadAllBytes(Node.Releases.Tarball(version))), Size = 1, DigestSource = "given", Programs = digests,
        });
    }
}
