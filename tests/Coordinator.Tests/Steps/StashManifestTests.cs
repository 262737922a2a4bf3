using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StashManifestTests : IDisposable
{
    private readonly StepBench _bench = new StepBench().Installed("cp2");

    private StashManifest Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_TheManifestIsInUse_StashesItAndSaysItsDigest()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.True(receipt.Changed);
        Assert.Equal(("/etc/kubernetes/etcdfleet-stash/etcd.yaml", new string('a', 64)), (receipt.Facts["stashed"], receipt.Facts["sha256"]));
        Assert.Equal(StaticPod.Types.Place.Stashed, _bench.Fleet["cp2"].Place);
    }

    [Fact]
    public async Task Apply_WhenAlreadyStashed_ReportsUnchanged()
    {
        await _bench.ApplyAsync(Step);

        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Apply_TheOthersAreNoQuorum_IsRefused()
    {
        _bench.Fleet["cp3"].Sick = "no answer";

        var refused = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));
        Assert.Equal((true, FaultReason.Quorum), (refused.Refused, refused.Reason));
        Assert.Equal(StaticPod.Types.Place.InUse, _bench.Fleet["cp2"].Place);
    }

    [Fact]
    public async Task Undo_AfterApply_PutsTheManifestBack()
    {
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.Equal(StaticPod.Types.Place.InUse, _bench.Fleet["cp2"].Place);
    }

    [Fact]
    public async Task Undo_WithoutApply_ReportsUnchanged() => Assert.False((await _bench.UndoAsync(Step)).Changed);

    public void Dispose() => _bench.Dispose();
}
