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

    [Fact]
    public async Task Undo_WithoutApply_ReportsUnchanged() => Assert.False((await _bench.UndoAsync(Step)).Changed);

    public void Dispose() => _bench.Dispose();
}
