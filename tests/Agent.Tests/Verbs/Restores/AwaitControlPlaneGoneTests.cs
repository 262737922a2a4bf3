using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class AwaitControlPlaneGoneTests : IDisposable
{
    private readonly RestoreNode _node = new();

    [Fact]
    public async Task Await_NothingRuns_EndsAtOnce()
    {
        await _node.WithControlPlaneStoppedAsync();

        Assert.InRange((await _node.AwaitGoneAsync()).WaitedMs, 0U, 200U);
    }

    [Theory]
    [InlineData("kube-apiserver")]
    [InlineData("kube-controller-manager")]
    [InlineData("kube-scheduler")]
    public async Task Await_OneOfThemStays_NamesItAtTheEnd(string program)
    {
        await _node.WithControlPlaneStoppedAsync();
        _node.Proc.Run(4711, RestoreNode.Commands[program]);

        Assert.Contains($"{program} 4711", await Faults.MessageAsync(FaultReason.PodRunning, () => _node.AwaitGoneAsync(30_000)), StringComparison.Ordinal);
    }

    /// <summary>One that was started with other flags writes as well; one of another address is another cluster's.</summary>
    [Fact]
    public async Task Await_AnApiServerWithOtherFlags_IsWaitedFor_OneElsewhereIsNot()
    {
        await _node.WithControlPlaneStoppedAsync();
        _node.Proc.Run(4711, ["kube-apiserver", "--advertise-address=10.96.0.1"]);
        await _node.AwaitGoneAsync(1000);
        _node.Proc.Run(4712, ["/usr/bin/kube-apiserver", "--advertise-address=10.66.0.11", "--v=4"]);

        await Faults.MessageAsync(FaultReason.PodRunning, () => _node.AwaitGoneAsync(1000));
    }

    [Fact]
    public async Task Await_NothingIsStashed_IsRefused() => await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.AwaitGoneAsync());

    public void Dispose() => _node.Dispose();
}
