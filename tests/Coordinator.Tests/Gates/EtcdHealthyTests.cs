using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class EtcdHealthyTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Theory]
    [InlineData("InUse", "inactive", "Kubelet", true)]
    [InlineData("InUse", "failed", "Kubelet", true)]
    [InlineData("InUse", "activating", "Kubelet", false)] // a second etcd is about to come
    [InlineData("InUse", "active", "Kubelet", false)]
    [InlineData("Stashed", "active", "Systemd", true)]
    [InlineData("Stashed", "active", "Kubelet", false)]
    [InlineData("InUse", "inactive", "Systemd", false)] // the old member, healthy, must not pass for the new one
    [InlineData("Stashed", "activating", "Systemd", false)]
    public async Task Ask_WhoRunsIt_MustBeWhoIsMeant(string place, string unit, string runner, bool green)
    {
        var node = _bench.Fleet["cp1"];
        (node.Place, node.UnitActive, node.PodSticks) = (Enum.Parse<StaticPod.Types.Place>(place), unit, true);

        var answer = await _bench.AskAsync(new EtcdHealthy(_bench["cp1"], Enum.Parse<EtcdRunner>(runner)));

        Assert.Equal(green, answer.Green);
        Assert.True(green || answer.Why.Contains($"expected etcd to be run by {runner}", StringComparison.Ordinal), answer.Why);
    }

    [Fact]
    public async Task Ask_TheMemberIsNotHealthy_SaysWhy()
    {
        _bench.Fleet["cp1"].Sick = "it sees no leader";

        var answer = await _bench.AskAsync(new EtcdHealthy(_bench["cp1"], EtcdRunner.Kubelet));
        Assert.Equal((false, "it sees no leader"), (answer.Green, answer.Why));
    }

    /// <summary>With a wrong ETCD_NAME etcd starts, healthy, and renames the member (FACTS 4).</summary>
    [Fact]
    public async Task Ask_TheMemberWasRenamed_IsRed()
    {
        _bench.Fleet["cp1"].MemberName = "default";

        Assert.Equal("member a1 is named 'default', expected cp1", (await _bench.AskAsync(new EtcdHealthy(_bench["cp1"], EtcdRunner.Kubelet))).Why);
    }

    public void Dispose() => _bench.Dispose();
}
