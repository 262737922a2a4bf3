using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StartControlPlaneTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Apply_PutsBackOnEveryNode()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));

        Assert.True((await _bench.ApplyAsync(new StartControlPlane())).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.Restore.Stashed));
        Assert.False((await _bench.ApplyAsync(new StartControlPlane())).Changed);
    }

    [Fact]
    public void Undo_ThereIsNone() => Assert.False(new StartControlPlane().Undo.Exists);

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new StartControlPlane()))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
