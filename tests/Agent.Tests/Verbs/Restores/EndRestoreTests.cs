using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class EndRestoreTests : IDisposable
{
    private readonly RestoreNode _node = new();

    [Fact]
    public async Task End_OnlyMadeReady_TakesItAway()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();

        Assert.True((await _node.EndAsync()).Change.Changed);

        Assert.Equal(["member"], _node.Names);
        Assert.False((await _node.EndAsync()).Change.Changed);
    }

    [Fact]
    public async Task End_AfterARestore_KeepsWhatWasSetAside()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();
        await _node.StartControlPlaneAsync();

        await _node.EndAsync();

        var told = await _node.GetAsync();
        Assert.Equal((true, true, true), (told.Ended, told.InPlace, told.Returned));
        Assert.Single(told.Kept);
        Assert.Equal(2, _node.Names.Count);
    }

    [Fact]
    public async Task End_TheControlPlaneIsStopped_IsRefused()
    {
        await _node.WithControlPlaneStoppedAsync();

        await Faults.MessageAsync(FaultReason.RestoreUnderWay, () => _node.EndAsync());
    }

    [Fact]
    public async Task End_ThenAnotherRestore_BeginsAnew()
    {
        await _node.WithEtcdStoppedAsync();
        var first = (await _node.SwapAsync()).SetAside;
        await _node.StartControlPlaneAsync();
        await _node.EndAsync();

        await _node.PrepareAsync(token: "another-token", run: "run-2");
        await _node.StopControlPlaneAsync();
        await _node.StopAsync();
        var second = (await _node.SwapAsync()).SetAside;

        Assert.StartsWith("member.set-aside-run-2", second, StringComparison.Ordinal);
        Assert.Equal(new[] { "member", first, second }.Order(StringComparer.Ordinal), _node.Names);
    }

    public void Dispose() => _node.Dispose();
}
