using EtcdFleet.Coordinator.Agents;
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
        Assert.Equal([copy], Directory.GetFiles(_bench.State.Path));
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
