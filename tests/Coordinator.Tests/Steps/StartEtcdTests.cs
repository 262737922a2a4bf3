using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class StartEtcdTests : IDisposable
{
    private readonly StepBench _bench = new StepBench().Installed("cp2");

    private StartEtcd Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_EverythingIsReady_StartsAndKeepsTheProcess()
    {
        await ReadyAsync();

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "4242", "1a2b"), (receipt.Changed, receipt.Facts["main_pid"], receipt.Facts["invocation"]));
        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Apply_EtcdDoesNotStart_Fails()
    {
        await ReadyAsync();
        _bench.Fleet["cp2"].StartFails = true;

        var failed = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));
        Assert.Equal((false, FaultReason.UnitFailed), (failed.Refused, failed.Reason));
    }

    [Fact]
    public async Task Apply_BesideTheStaticPod_IsRefused() =>
        Assert.Equal(FaultReason.PodRunning, (await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Reason);

    [Fact]
    public async Task Undo_ItRuns_StopsIt()
    {
        await ReadyAsync();
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.False(_bench.Fleet["cp2"].UnitUp);
        Assert.False((await _bench.UndoAsync(Step)).Changed);
    }

    [Fact]
    public void ItsTime_IsTheUnitsStart() => Assert.Equal(StepTime.UnitStart, Step.Time);

    public void Dispose() => _bench.Dispose();

    private async Task ReadyAsync()
    {
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));
        await _bench.ApplyAsync(new AwaitPodGone(_bench["cp2"]));
        await _bench.ApplyAsync(new ChownEtcdFiles(_bench["cp2"]));
    }
}
