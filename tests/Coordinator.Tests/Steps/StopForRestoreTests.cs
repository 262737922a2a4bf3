using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StopForRestoreTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private static StopForRestore Step => new(RestoreFleet.Sha256);

    [Fact]
    public async Task Apply_StopsAllMembers_AndItsUndoStartsThoseThatWorked()
    {
        _bench.Fleet["cp3"].Sick = "its disk is gone";
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));
        await _bench.ApplyAsync(new AwaitControlPlaneGone());

        Assert.True((await _bench.ApplyAsync(Step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.UnitUp));
        var undone = await _bench.UndoAsync(Step);

        Assert.Equal([true, true, false], _bench.Fleet.Nodes.Select(node => node.UnitUp));
        Assert.EndsWith("left stopped, because it did not work before: cp3", undone.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TheControlPlaneRuns_IsRefused()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step))).Refused);
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.UnitUp));
    }

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
