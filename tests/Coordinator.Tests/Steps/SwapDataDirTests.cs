using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class SwapDataDirTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private static SwapDataDir Step => new(RestoreFleet.Sha256);

    [Fact]
    public async Task Apply_PutsTheRestoredDataInPlace_AndItsUndoTheFormerOnes()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        _bench.Fleet.Nodes.ToList().ForEach(node => node.UnitActive = "inactive");

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "member.set-aside-cp2"), (receipt.Changed, receipt.Facts["set_aside_cp2"]));
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.Restore.InPlace));
        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.Restore.InPlace));
        Assert.False((await _bench.UndoAsync(Step)).Changed);
    }

    [Fact]
    public async Task Apply_EtcdRuns_IsRefused()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step))).Refused);
    }

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
