using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class BringSnapshotTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private BringSnapshot Step => new(_bench["cp2"], RestoreFleet.Snapshot);

    [Fact]
    public async Task Apply_SendsItWhole_AndOnce()
    {
        Assert.IsType<Look.Needed>(await _bench.LookAsync(Step));

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, RestoreFleet.Sha256), (receipt.Changed, receipt.Facts["sha256"]));
        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(Step));
        Assert.Contains("sending", _bench.Progress);
    }

    [Fact]
    public async Task Apply_TheFileIsGone_IsRefused()
    {
        var gone = Step with { Snapshot = RestoreFleet.Snapshot with { Path = "/nonexistent/snapshot.db" } };

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(gone))).Refused);
    }

    [Fact]
    public async Task Apply_AnotherSnapshotHasTheName_IsTheAgentsRefusal()
    {
        _bench.Fleet.With("ReceiveSnapshot", "cp2", new(FaultKind.Refuse));

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Refused);
    }

    public void Dispose() => _bench.Dispose();
}
