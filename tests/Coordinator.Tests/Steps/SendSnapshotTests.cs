using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class SendSnapshotTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Apply_AnotherNode_GetsTheBytesAndWhatIsKnownOfThem()
    {
        await _bench.ApplyAsync(new TakeSnapshot());

        var receipt = await _bench.ApplyAsync(new SendSnapshot(_bench["cp3"]));

        Assert.True(receipt.Changed);
        var there = Assert.Single(_bench.Fleet["cp3"].Snapshots);
        Assert.Equal((_bench.Fleet["cp2"].Snapshots[0].Sha256, "etcdutl 3.6.6", true), (there.Sha256, there.OpenedBy, there.Verified));
        Assert.False((await _bench.ApplyAsync(new SendSnapshot(_bench["cp3"]))).Changed);
    }

    [Fact]
    public async Task Apply_TheNodeThatTookIt_IsNotSentItsOwn()
    {
        await _bench.ApplyAsync(new TakeSnapshot());

        Assert.False((await _bench.ApplyAsync(new SendSnapshot(_bench["cp2"]))).Changed);
        Assert.DoesNotContain(_bench.Fleet.Calls, call => call.Rpc == "ReceiveSnapshot");
    }

    [Fact]
    public async Task Apply_TheAgentGoesAway_Fails()
    {
        await _bench.ApplyAsync(new TakeSnapshot());
        _bench.Fleet.With("ReceiveSnapshot", "cp3", new(FaultKind.VanishBeforeChange));

        await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new SendSnapshot(_bench["cp3"])));
    }

    public void Dispose() => _bench.Dispose();
}
