using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class EndRestoreTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Apply_ClosesTheRecordEverywhere()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));

        Assert.True((await _bench.ApplyAsync(new EndRestore())).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.Restore.Ended));
        Assert.False((await _bench.ApplyAsync(new EndRestore())).Changed);
    }

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new EndRestore()))).Unknown);
    }

    [Fact]
    public void Undo_ThereIsNone() => Assert.Equal(Undo.NotNeeded("it only forgets"), new EndRestore().Undo);

    public void Dispose() => _bench.Dispose();
}
