using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class AwaitControlPlaneGoneTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Apply_WaitsForTheSlowest()
    {
        _bench.Fleet["cp2"].Restore.GoneFrom = _bench.Fleet.Now + TimeSpan.FromSeconds(31);

        var receipt = await _bench.ApplyAsync(new AwaitControlPlaneGone());

        Assert.Equal((false, "gone after 31.0 s"), (receipt.Changed, receipt.Summary));
    }

    [Fact]
    public async Task Apply_OneStays_Fails()
    {
        _bench.Fleet["cp2"].ApiServer.NeverReady = true;

        Assert.Contains("cp2: there is still: kube-apiserver", (await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new AwaitControlPlaneGone()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_AnAgentIsAway_IsUnknown()
    {
        _bench.Fleet["cp1"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new AwaitControlPlaneGone()))).Unknown);
    }

    public void Dispose() => _bench.Dispose();
}
