using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StopControlPlaneTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Apply_StashesOnEveryNode_AndItsUndoPutsBack()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        var step = new StopControlPlane(RestoreFleet.Sha256);

        Assert.True((await _bench.ApplyAsync(step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.Restore.Stashed));
        Assert.True((await _bench.UndoAsync(step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.Restore.Stashed));
    }

    [Fact]
    public async Task Apply_NothingIsReady_IsRefused() =>
        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256)))).Refused);

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256)))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
