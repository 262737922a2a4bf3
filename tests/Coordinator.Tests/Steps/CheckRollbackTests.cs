using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class CheckRollbackTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Look_EverythingIsWell_IsDoneAlready()
    {
        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckRollback()));
        Assert.NotEmpty(_bench.Findings);
    }

    [Fact]
    public async Task Look_AnAgentIsAway_IsRefused()
    {
        _bench.Fleet["cp2"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.Contains(Assert.IsType<Look.Refused>(await _bench.LookAsync(new CheckRollback())).Reasons, reason => reason.StartsWith("cp2: ", StringComparison.Ordinal));
    }

    public void Dispose() => _bench.Dispose();
}
