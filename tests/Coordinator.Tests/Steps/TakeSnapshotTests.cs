using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class TakeSnapshotTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Apply_AFollowerTakesIt_AndTheCopyIsTheSame()
    {
        var receipt = await _bench.ApplyAsync(new TakeSnapshot());

        Assert.Equal("cp2", receipt.Facts["node"]);
        var copy = Path.Combine(_bench.State.Path, "etcd-20261123T031500Z-cp2.db");
        Assert.Equal(copy, receipt.Facts["copy"]);
        Assert.Equal(FakeReads.SnapshotContent, File.ReadAllBytes(copy));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(copy));
        Assert.Equal([copy, $"{copy}.json", Path.Combine(_bench.State.Path, "snapshot.json")], Directory.GetFiles(_bench.State.Path).Order(StringComparer.Ordinal));
        Assert.Equal(("etcdutl 3.6.6", 10_001L), (SnapshotCopy.Facts(copy)!.OpenedBy, SnapshotCopy.Facts(copy)!.LastRevision));
    }

    [Fact]
    public async Task Apply_ANodeAndAFolderAreNamed_AreTaken()
    {
        var folder = Path.Combine(_bench.State.Path, "snapshots");

        var receipt = await _bench.ApplyAsync(new TakeSnapshot { From = _bench["cp1"], Folder = folder });

        Assert.Equal(("cp1", Path.Combine(folder, "etcd-20261123T031500Z-cp1.db")), (receipt.Facts["node"], receipt.Facts["copy"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
    }

    /// <summary>A snapshot that is not verified does not count as one for A1.</summary>
    [Fact]
    public async Task Apply_NobodyHasOpenedIt_Fails()
    {
        _bench.Fleet["cp2"].NoEtcdutl = true;

        Assert.Contains("there is no etcdutl on cp2", (await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new TakeSnapshot()))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_bench.State.Path, "*.db"));
    }

    [Fact]
    public async Task Apply_OnlyTheLeaderIsHealthy_ItTakesIt()
    {
        using var alone = new StepBench(nodes: 1);

        Assert.Equal("cp1", (await alone.ApplyAsync(new TakeSnapshot())).Facts["node"]);
    }

    [Fact]
    public async Task Apply_NobodyIsHealthy_IsRefused()
    {
        foreach (var node in _bench.Fleet.Nodes)
        {
            node.Sick = "no answer";
        }

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new TakeSnapshot()))).Refused);
    }

    [Fact]
    public async Task Apply_TheConnectionBreaksWhileCopying_NoFileHasTheName()
    {
        _bench.Fleet.With("ReadSnapshot", "cp2", new(FaultKind.VanishAfterChange));

        await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new TakeSnapshot()));
        Assert.Empty(Directory.GetFiles(_bench.State.Path, "*.db"));
    }

    public void Dispose() => _bench.Dispose();
}
