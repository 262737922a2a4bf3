using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Units;

public sealed class StopUnitTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Stop_StopsAndAsksForQuorumFirst()
    {
        _node.Systemd.Run("etcd.service");

        var response = await _node.StopUnitAsync(acceptDowntime: true);

        Assert.True(response.Change.Changed);
        Assert.Equal("inactive", response.Unit.Active);
        Assert.Equal([true], _node.Quorum.Asked);
    }

    [Fact]
    public async Task Stop_StoppedAlready_IsNoChangeAndNoQuestion()
    {
        Assert.False((await _node.StopUnitAsync()).Change.Changed);
        Assert.Empty(_node.Quorum.Asked);
    }

    [Fact]
    public async Task Stop_QuorumWouldBeLost_IsRefused()
    {
        _node.Systemd.Run("etcd.service");
        _node.Quorum.Refusal = "2 of 3 members are up";

        await Faults.MessageAsync(FaultReason.Quorum, () => _node.StopUnitAsync());

        Assert.DoesNotContain("stop etcd.service", _node.Systemd.Calls);
    }

    [Fact]
    public async Task Stop_ThatDoesNotEnd_IsATimeout()
    {
        _node.Systemd.Run("etcd.service");
        _node.Systemd.NeverStops = true;

        Assert.Contains("deactivating (stop-sigterm) after 60 s", await Faults.MessageAsync(FaultReason.Timeout, () => _node.StopUnitAsync()), StringComparison.Ordinal);
    }

    public void Dispose() => _node.Dispose();
}
