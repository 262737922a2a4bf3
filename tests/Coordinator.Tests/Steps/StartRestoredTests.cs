using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StartRestoredTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private static StartRestored Step => new(RestoreFleet.Sha256);

    [Fact]
    public async Task Apply_StartsAllOfThem_AndItsUndoStopsThem()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));
        await _bench.ApplyAsync(new AwaitControlPlaneGone());
        await _bench.ApplyAsync(new StopForRestore(RestoreFleet.Sha256));

        Assert.True((await _bench.ApplyAsync(Step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.UnitUp));
        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.UnitUp));
    }

    [Fact]
    public void ItsTime_IsTheUnitsStart() => Assert.Equal(StepTime.UnitStart, Step.Time);

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
