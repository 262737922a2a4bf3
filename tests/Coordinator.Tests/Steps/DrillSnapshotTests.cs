using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class DrillSnapshotTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Apply_TheNewest_IsDrilledAndTheReceiptSaysWithWhatItWasCompared()
    {
        await _bench.ApplyAsync(new TakeSnapshot());

        var receipt = await _bench.ApplyAsync(new DrillSnapshot(_bench["cp2"], ""));

        Assert.Equal(("etcd-20261123T031500Z-cp2.db", "live", "10001"), (receipt.Facts["name"], receipt.Facts["comparison"], receipt.Facts["revision"]));
        Assert.False(receipt.Changed);
        Assert.Contains("restoring it aside", _bench.Progress);
    }

    [Fact]
    public async Task Apply_TheNodeHasNone_IsRefused() =>
        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new DrillSnapshot(_bench["cp2"], "")))).Refused);

    [Fact]
    public async Task Apply_Damaged_Fails()
    {
        await _bench.ApplyAsync(new TakeSnapshot());
        _bench.Fleet["cp2"].Snapshots[0].Problem = "it was cut short";

        await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(new DrillSnapshot(_bench["cp2"], "etcd-20261123T031500Z-cp2.db")));
    }

    public void Dispose() => _bench.Dispose();
}
