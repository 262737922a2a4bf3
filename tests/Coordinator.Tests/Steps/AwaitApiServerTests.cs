using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class AwaitApiServerTests : IDisposable
{
    private readonly StepBench _bench = new();

    private AwaitApiServer Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_WaitsForTheNewOne_AndSaysHowLongTheOldOneTook()
    {
        await _bench.ApplyAsync(new RegenerateApiServer(_bench["cp2"]));

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((false, "42000", "30000"), (receipt.Changed, receipt.Facts["waited_ms"], receipt.Facts["old_gone_ms"]));
    }

    [Fact]
    public async Task Apply_ItNeverGetsReady_FailsAtTheDeadline()
    {
        _bench.Fleet["cp2"].ApiServer.NeverReady = true;
        await _bench.ApplyAsync(new RegenerateApiServer(_bench["cp2"]));

        var failed = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));
        Assert.Equal((FaultReason.ApiserverNotReady, false), (failed.Reason, failed.Refused));
    }

    public void Dispose() => _bench.Dispose();
}
