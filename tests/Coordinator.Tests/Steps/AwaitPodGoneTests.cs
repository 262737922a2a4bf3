using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class AwaitPodGoneTests : IDisposable
{
    private readonly StepBench _bench = new StepBench().Installed("cp2");

    private AwaitPodGone Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_ThePodStops_WaitsForItAndKeepsTheEvidence()
    {
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((false, "8000", "no container, no process, ports free, lock free"), (receipt.Changed, receipt.Facts["waited_ms"], receipt.Summary));
    }

    [Fact]
    public async Task Apply_ThePodDoesNotStop_SaysWhatIsLeft()
    {
        _bench.Fleet["cp2"].PodSticks = true;
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));
        var before = _bench.Fleet.Now;

        var refused = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));

        Assert.Equal(FaultReason.PodRunning, refused.Reason);
        Assert.Equal(TimeSpan.FromSeconds(90), _bench.Fleet.Now - before);
    }

    [Fact]
    public void ItsTime_IsThePodsStop_AndItHasNothingToUndo() => Assert.Equal((StepTime.PodStop, false), (Step.Time, Step.Undo.Exists));

    public void Dispose() => _bench.Dispose();
}
