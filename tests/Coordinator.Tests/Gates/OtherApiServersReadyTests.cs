using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class OtherApiServersReadyTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Ask_ItsOwnIsDown_IsGreen()
    {
        _bench.Fleet["cp1"].ApiServer.Down = true;

        Assert.True((await _bench.AskAsync(new OtherApiServersReady(_bench["cp1"]))).Green);
    }

    [Fact]
    public async Task Ask_AnotherIsDown_IsRed()
    {
        _bench.Fleet["cp3"].ApiServer.Down = true;

        Assert.Equal("cp3: no apiserver runs", (await _bench.AskAsync(new OtherApiServersReady(_bench["cp1"]))).Why);
    }

    [Fact]
    public async Task Ask_TheOnlyNode_IsGreen()
    {
        using var alone = new StepBench(nodes: 1);

        Assert.Equal("there is no other apiserver", (await alone.AskAsync(new OtherApiServersReady(alone["cp1"]))).Why);
    }

    public void Dispose() => _bench.Dispose();
}
