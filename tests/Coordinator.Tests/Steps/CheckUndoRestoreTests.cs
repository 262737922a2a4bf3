using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class CheckUndoRestoreTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Look_NothingIsAtWork_IsDoneAlready() => Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckUndoRestore()));

    /// <summary>As long as nobody has been given the restored data: also when they are in place.</summary>
    [Fact]
    public async Task Look_ARestoreIsHalfWay_IsDoneAlready()
    {
        await HalfWayAsync();

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckUndoRestore()));
    }

    [Theory]
    [InlineData("one node has its apiserver back", "cp2: run  has given an apiserver back here")]
    [InlineData("the restore is finished", "cp2: the restore of run  is finished")]
    [InlineData("the agent is away", "cp2: ")]
    public async Task Look_ThereIsNoWayBack_IsRefused(string what, string said)
    {
        await HalfWayAsync();
        switch (what)
        {
            case "one node has its apiserver back":
                _bench.Fleet["cp2"].Restore.Returned = true;
                break;
            case "the restore is finished":
                await _bench.ApplyAsync(new StartControlPlane());
                await _bench.ApplyAsync(new EndRestore());
                break;
            default:
                _bench.Fleet["cp2"].AwayUntil = DateTimeOffset.MaxValue;
                break;
        }

        foreach (var node in _bench.Fleet.Nodes)
        {
            node.Restore.Run = "";
        }

        var refused = Assert.IsType<Look.Refused>(await _bench.LookAsync(new CheckUndoRestore()));
        Assert.Contains(refused.Reasons, reason => reason.StartsWith(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_IsNoPartOfIt() => await Assert.ThrowsAsync<InvalidOperationException>(() => _bench.ApplyAsync(new CheckUndoRestore()));

    [Fact]
    public void Undo_ThereIsNone() => Assert.Equal(Undo.NotNeeded("it only reads"), new CheckUndoRestore().Undo);

    public void Dispose() => _bench.Dispose();

    private async Task HalfWayAsync()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));
        await _bench.ApplyAsync(new AwaitControlPlaneGone());
        await _bench.ApplyAsync(new StopForRestore(RestoreFleet.Sha256));
        await _bench.ApplyAsync(new SwapDataDir(RestoreFleet.Sha256));
    }
}
