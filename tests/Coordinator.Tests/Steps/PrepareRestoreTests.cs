using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class PrepareRestoreTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private static PrepareRestore Step => new("snapshot.db", RestoreFleet.Sha256);

    [Fact]
    public async Task Apply_EveryNodeGetsOneToken()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "9000", "42"), (receipt.Changed, receipt.Facts["revision"], receipt.Facts["keys"]));
        Assert.All(_bench.Fleet.Nodes, node => Assert.Equal((true, receipt.Facts["token"]), (node.Restore.Ready, node.Restore.Token)));
        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    /// <summary>The present data were restored themselves, and raised: what is raised by as much again would be behind them.</summary>
    [Theory]
    [InlineData(true, 1_000_010_000)]
    [InlineData(false, 1_800_009_000)]
    public async Task Apply_TheClusterWasRestoredBefore_IsRaisedPastIt(bool quorum, long above)
    {
        foreach (var node in _bench.Fleet.Nodes)
        {
            (node.Restore.Sha256, node.Restore.InPlace, node.Restore.Ended, node.Restore.MemberToken) = (new('9', 64), true, true, "etcdfleet-token");
            node.Sick = quorum ? "" : "connection refused";
        }

        await _bench.ApplyAsync(Step);
        await _bench.ApplyAsync(Step); // nothing is made anew because the first one is on record now

        Assert.All(_bench.Fleet.Nodes, node => Assert.Equal(above, node.Restore.Above));
    }

    /// <summary>A node that lost what was ready gets the token of the others: it is the same restore.</summary>
    [Fact]
    public async Task Apply_OneNodeIsMissing_GetsTheTokenOfTheOthers()
    {
        var token = (await _bench.ApplyAsync(Step)).Facts["token"];
        (_bench.Fleet["cp2"].Restore.Sha256, _bench.Fleet["cp2"].Restore.Ready) = ("", false);

        Assert.Equal(token, (await _bench.ApplyAsync(Step)).Facts["token"]);
    }

    /// <summary>Some of its nodes were put back, and others have run on the restored data: only a new cluster for all of them is safe.</summary>
    [Fact]
    public async Task Apply_AfterAnUndoThatDied_ChoosesANewToken()
    {
        var token = (await _bench.ApplyAsync(Step)).Facts["token"];
        foreach (var node in _bench.Fleet.Nodes)
        {
            (node.Restore.Begun, node.Restore.Ready, node.Restore.InPlace) = (true, false, node.Name != "cp1");
        }

        Assert.NotEqual(token, (await _bench.ApplyAsync(Step)).Facts["token"]);
        Assert.Single(_bench.Fleet.Nodes.Select(node => node.Restore.Token).Distinct());
    }

    [Fact]
    public async Task Apply_OneRefusesAndTheOthersDoIt_IsAFailureAndNoRefusal()
    {
        _bench.Fleet.With("PrepareRestore", "cp2", new(FaultKind.Refuse));

        Assert.False((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step))).Refused);
    }

    [Fact]
    public async Task Apply_AllRefuse_IsARefusal()
    {
        _bench.Fleet.Nodes.ToList().ForEach(node => node.Place = EtcdFleet.Agent.V1.StaticPod.Types.Place.InUse);

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step))).Refused);
    }

    /// <summary>The engine asks again where the answer got lost: who is done says so.</summary>
    [Fact]
    public async Task Apply_AnAnswerGetsLost_SaysThatNobodyKnows()
    {
        _bench.Fleet.With("PrepareRestore", "cp2", new(FaultKind.VanishAfterChange));

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Unknown);
    }

    [Fact]
    public async Task Undo_TakesItAwayEverywhere()
    {
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.All(_bench.Fleet.Nodes, node => Assert.True(node.Restore.Ended));
        Assert.False((await _bench.UndoAsync(Step)).Changed);
    }

    public void Dispose() => _bench.Dispose();
}
