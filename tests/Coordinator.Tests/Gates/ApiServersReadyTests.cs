using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class ApiServersReadyTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Ask_AllAreReady_IsGreen() => Assert.Equal((true, "3 apiservers are ready"), await AskAsync());

    [Fact]
    public async Task Ask_OneDoesNotRun_IsRed()
    {
        _bench.Fleet["cp2"].ApiServer.Down = true;

        Assert.Equal((false, "cp2: no apiserver runs"), await AskAsync());
    }

    /// <summary>FACTS 14: the old process answers /readyz long after the manifest was written.</summary>
    [Fact]
    public async Task Ask_TheOldProcessStillAnswers_IsRed()
    {
        _bench.Fleet["cp2"].ApiServer.ChangedAt = _bench.Fleet.Now;

        Assert.Equal((false, "cp2: the apiserver (pid 700) runs with other flags than its manifest has"), await AskAsync());
    }

    [Fact]
    public async Task Ask_TheNewProcessIsNotReady_IsRed()
    {
        _bench.Fleet["cp2"].ApiServer.ChangedAt = _bench.Fleet.Now - TimeSpan.FromSeconds(35);

        Assert.Equal((false, "cp2: /readyz says 500 (etcd)"), await AskAsync());
    }

    public void Dispose() => _bench.Dispose();

    private async Task<(bool Green, string Why)> AskAsync()
    {
        var answer = await _bench.AskAsync(new ApiServersReady());
        return (answer.Green, answer.Why);
    }
}
