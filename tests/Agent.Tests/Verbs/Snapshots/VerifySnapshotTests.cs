using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Snapshots;

/// <summary>With snapshots of a real etcd, and the real etcdutl.</summary>
public sealed class VerifySnapshotTests : IAsyncLifetime
{
    private EtcdCluster _cluster = null!;
    private Snapshot _taken = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EtcdMemberNode Node => _cluster[0];

    private string At => Path.Combine(Node.Root.Snapshots, _taken.Name);

    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(1, Token);
        Node.InstallPrograms();
        await EtcdCluster.CtlAsync(Node, "put", "a", "1");
        _taken = (await Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-1" } }, VerbContext.Silent, Token)).Snapshot;
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Verify_AWholeOne_IsVerifiedAndTheVerdictIsKept()
    {
        var verdict = await VerifyAsync();

        Assert.Equal((true, "", _taken.Sha256, _taken.LastRevision, _taken.Keys), (verdict.Verified, verdict.Problem, verdict.Sha256, verdict.LastRevision, verdict.Keys));
        Assert.True(verdict.Checked.ToDateTimeOffset() >= _taken.Checked.ToDateTimeOffset());
        Assert.Equal(verdict, Assert.Single(Node.Snapshots.List()));
        Assert.Equal(_taken.ClusterHash, verdict.ClusterHash);
    }

    /// <summary>First page, middle, the digest's first and last byte.</summary>
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.75)]
    [InlineData(-32)]
    [InlineData(-1)]
    public async Task Verify_OneBitElsewhere_IsDamagedAndStaysSo(double where)
    {
        using (var file = new FileStream(At, FileMode.Open))
        {
            var at = where < 0 ? file.Length + (long)where : (long)(file.Length * where);
            file.Position = at;
            var was = file.ReadByte();
            file.Position = at;
            file.WriteByte((byte)(was ^ 1));
        }

        var verdict = await VerifyAsync();

        Assert.False(verdict.Verified);
        Assert.Contains("SHA-256", verdict.Problem, StringComparison.Ordinal);
        Assert.Equal(verdict.Problem, Assert.Single(Node.Snapshots.List()).Problem);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(512)]
    [InlineData(4096 + 32)]
    public async Task Verify_CutShort_IsDamaged(int size)
    {
        using (var file = new FileStream(At, FileMode.Open))
        {
            file.SetLength(size);
        }

        Assert.False(Assert.Single(Node.Snapshots.List()).Verified);
        var verdict = await VerifyAsync();
        Assert.False(verdict.Verified);
        Assert.NotEqual("", verdict.Problem);
    }

    [Fact]
    public async Task Verify_FactsOfAnother_AreSaid()
    {
        await EtcdCluster.CtlAsync(Node, "put", "a", "2");
        var other = (await Node.TakeSnapshot.RunAsync(new() { Operation = new() { Run = "run-2" } }, VerbContext.Silent, Token)).Snapshot;
        File.WriteAllText($"{At}.json", File.ReadAllText(Path.Combine(Node.Root.Snapshots, $"{other.Name}.json")).Replace(other.Name, _taken.Name, StringComparison.Ordinal));

        var verdict = await VerifyAsync();

        Assert.False(verdict.Verified);
        Assert.Contains("another file has its name", verdict.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_WithoutFacts_SaysWhatTheFileSaysOfItself()
    {
        File.Delete($"{At}.json");
        Assert.False(Assert.Single(Node.Snapshots.List()).Verified);

        var verdict = await VerifyAsync();

        Assert.Equal((true, _taken.Sha256, 0UL, _taken.LastRevision), (verdict.Verified, verdict.Sha256, verdict.ClusterId, verdict.LastRevision));
    }

    [Fact]
    public async Task Verify_NoEtcdutl_DigestRightIsNotVerified()
    {
        Directory.Delete(Node.Root.Binaries, recursive: true);

        var verdict = await VerifyAsync();

        Assert.Equal((false, "", ""), (verdict.Verified, verdict.Problem, verdict.OpenedBy));
    }

    [Fact]
    public async Task Verify_Links_AreRefused()
    {
        TestLinks.Hard(At, Path.Combine(Node.Folder, "second-name"));
        await Faults.MessageAsync(FaultReason.UnsafeFile, VerifyAsync);
        Assert.Contains("hard links", Assert.Single(Node.Snapshots.List()).Problem, StringComparison.Ordinal);

        File.Delete(At);
        File.CreateSymbolicLink(At, Path.Combine(Node.Folder, "second-name"));
        await Faults.MessageAsync(FaultReason.UnsafeFile, VerifyAsync);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("missing.db")]
    [InlineData("")]
    public async Task Verify_NotAListedName_IsInvalid(string name) =>
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => Node.VerifySnapshot.RunAsync(new() { Name = name }, VerbContext.Silent, Token));

    private async Task<Snapshot> VerifyAsync() => (await Node.VerifySnapshot.RunAsync(new() { Name = _taken.Name }, VerbContext.Silent, Token)).Snapshot;
}
