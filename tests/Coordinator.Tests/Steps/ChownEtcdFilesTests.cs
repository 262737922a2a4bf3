using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class ChownEtcdFilesTests : IDisposable
{
    private readonly StepBench _bench = new StepBench().Installed("cp2");

    private ChownEtcdFiles Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_ThePodRuns_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));

        Assert.Equal(FaultReason.PodRunning, refused.Reason);
        Assert.Equal("root", _bench.Fleet["cp2"].Owner);
    }

    [Fact]
    public async Task Apply_ThenUndo_GivesTheOwnersBack()
    {
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));
        await _bench.ApplyAsync(new AwaitPodGone(_bench["cp2"]));

        var receipt = await _bench.ApplyAsync(Step);
        Assert.Equal((true, "7", "etcd"), (receipt.Changed, receipt.Facts["files"], _bench.Fleet["cp2"].Owner));

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.Equal("root", _bench.Fleet["cp2"].Owner);
    }

    /// <summary>A node that lost power in between boots with the unit enabled: systemd has started it, or tries to.</summary>
    [Theory]
    [InlineData("active")]
    [InlineData("activating")]
    public async Task Undo_EtcdServiceHasComeUpByItself_StopsItFirst(string unit)
    {
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));
        await _bench.ApplyAsync(new AwaitPodGone(_bench["cp2"]));
        await _bench.ApplyAsync(Step);
        _bench.Fleet["cp2"].UnitActive = unit;

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        _bench.Fleet["cp2"].UnitActive = unit;
        Assert.True((await _bench.UndoAsync(new StashManifest(_bench["cp2"]))).Changed);

        Assert.Equal(("root", "inactive", StaticPod.Types.Place.InUse), (_bench.Fleet["cp2"].Owner, _bench.Fleet["cp2"].UnitActive, _bench.Fleet["cp2"].Place));
    }

    [Fact]
    public async Task Undo_WithoutApply_ReportsUnchanged() => Assert.False((await _bench.UndoAsync(Step)).Changed);

    public void Dispose() => _bench.Dispose();
}
