using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class ReverseTests : IDisposable
{
    private readonly StepBench _bench = new StepBench().Installed("cp2");

    [Fact]
    public async Task Apply_IsTheStepsUndo_AndUndoItsApply()
    {
        var stash = new StashManifest(_bench["cp2"]);
        await _bench.ApplyAsync(stash);

        Assert.True((await _bench.ApplyAsync(new Reverse(stash))).Changed);
        Assert.Equal(StaticPod.Types.Place.InUse, _bench.Fleet["cp2"].Place);
        Assert.True((await _bench.UndoAsync(new Reverse(stash))).Changed);
        Assert.Equal(StaticPod.Types.Place.Stashed, _bench.Fleet["cp2"].Place);
    }

    [Fact]
    public void Words_AreTheStepsTheOtherWayRound()
    {
        var reverse = new Reverse(new StashManifest(_bench["cp2"]));

        Assert.Equal(("un-stash-manifest", "put the manifest back", "stash etcd's static Pod manifest"), (reverse.Name, reverse.Summary, reverse.Undo.How));
    }

    /// <summary>A wait has nothing to take back; undone in its turn, it is waited for again before anything starts.</summary>
    [Fact]
    public async Task Wait_IsLeftOut_AndWaitedForAgainWhenUndone()
    {
        var wait = new Reverse(new AwaitPodGone(_bench["cp2"]));
        await _bench.ApplyAsync(new StashManifest(_bench["cp2"]));
        var began = _bench.Fleet.Now;

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(wait));
        await _bench.UndoAsync(wait);
        Assert.True(_bench.Fleet.Now > began, "it did not wait");
    }

    public void Dispose() => _bench.Dispose();
}
