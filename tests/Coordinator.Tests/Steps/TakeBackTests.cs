using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class TakeBackTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Apply_IsTheStepsUndo_AsOftenAsItIsAsked()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));
        var back = new TakeBack(new StopControlPlane(""));

        Assert.Same(Look.Needed.Instance, await _bench.LookAsync(back));
        Assert.True((await _bench.ApplyAsync(back)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.False(node.Restore.Stashed));
        Assert.False((await _bench.ApplyAsync(back)).Changed);
    }

    [Fact]
    public void Words_AreTheStepsUndo_AndItHasNoneOfItsOwn()
    {
        var back = new TakeBack(new StopControlPlane(""));

        Assert.Equal(("un-stop-control-plane", "put those manifests back", false, true), (back.Name, back.Summary, back.Undo.Exists, back.Insists));
    }

    public void Dispose() => _bench.Dispose();
}
