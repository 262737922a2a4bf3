using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class StopForRestoreTests : IDisposable
{
    private readonly RestoreNode _node = new();

    [Fact]
    public async Task Stop_StopsEtcd()
    {
        await _node.WithControlPlaneStoppedAsync();

        Assert.True((await _node.StopAsync()).Change.Changed);
        Assert.False((await _node.StopAsync()).Change.Changed);
        Assert.Equal(["stop etcd.service"], _node.Systemd.Calls);
    }

    /// <summary>No other procedure can use it to stop a member behind the quorum guard's back.</summary>
    [Fact]
    public async Task Stop_TheControlPlaneRuns_IsRefused()
    {
        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopAsync());
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopAsync());
        await _node.StopControlPlaneAsync();
        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopAsync(new string('a', 64)));

        Assert.DoesNotContain("stop etcd.service", _node.Systemd.Calls);
    }

    [Fact]
    public async Task Stop_TheRestoreIsOver_IsRefused()
    {
        await _node.WithControlPlaneStoppedAsync();
        await _node.StartControlPlaneAsync();
        await _node.EndAsync();

        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopAsync());
    }

    [Fact]
    public async Task Stop_ThatDoesNotEnd_IsATimeout()
    {
        await _node.WithControlPlaneStoppedAsync();
        _node.Systemd.NeverStops = true;

        await Faults.MessageAsync(FaultReason.Timeout, () => _node.StopAsync());
    }

    public void Dispose() => _node.Dispose();
}
