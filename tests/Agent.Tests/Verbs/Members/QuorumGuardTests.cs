using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Members;

public sealed class QuorumGuardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_AllHealthy_EachMayStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster.LeaderAsync(Token);

        foreach (var node in cluster.Nodes)
        {
            await node.Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
        }
    }

    [Fact]
    public async Task Three_AnotherIsDown_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster[2].Process!.KillAsync();
        await cluster.LeaderAsync(Token);

        var message = await RefusedAsync(cluster[0]);

        Assert.Contains("1 are healthy, expected at least 2, the quorum of 3", message);
        Assert.Contains("cp3", message);
        Assert.Contains("connection refused", message);
    }

    [Fact]
    public async Task Three_AnotherHasAnAlarm_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster.LeaderAsync(Token);
        await cluster.AlarmAsync((await cluster[1].AskAsync(Token)).MemberId, raise: true);

        Assert.Contains("alarm NOSPACE", await RefusedAsync(cluster[0]));
        await cluster[1].Guard.EnsureMayStopAsync(acceptDowntime: false, Token); // the one with the alarm itself: the others are a quorum
    }

    /// <summary>etcd raises CORRUPT so where it cannot tell whose data are wrong: it may be anybody's.</summary>
    [Fact]
    public async Task Three_AnAlarmOfNobody_CountsAgainstEverybody()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster.LeaderAsync(Token);
        await cluster.AlarmAsync(0, raise: true);

        var message = await RefusedAsync(cluster[0]);

        Assert.Contains("0 are healthy, expected at least 2", message);
        Assert.Contains("alarm NOSPACE", message);
    }

    /// <summary>Two members are gone for good just now, and this one still believes in its leader: its list and its word prove nothing.</summary>
    [Fact]
    public async Task Three_TheOthersHang_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        var leader = await cluster.LeaderAsync(Token);
        await leader.Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
        foreach (var other in cluster.Nodes.Where(node => node != leader))
        {
            await other.Process!.SignalAsync("STOP");
        }

        await RefusedAsync(leader);
    }

    [Fact]
    public async Task Three_AnotherHangs_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        var leader = await cluster.LeaderAsync(Token);
        await cluster.Nodes.First(node => node != leader).Process!.SignalAsync("STOP");

        await RefusedAsync(leader);
    }

    [Fact]
    public async Task Three_ThisOneIsDown_MayStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster[0].Process!.KillAsync();
        await cluster[1].Process!.KillAsync();

        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: false, Token); // it gives the cluster nothing
    }

    [Fact]
    public async Task Three_ThisOneHangsAndTheOthersAreHealthy_MayStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster.LeaderAsync(Token);
        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: false, Token); // the look before the cutover, which remembers whom to ask
        await cluster[0].Process!.SignalAsync("STOP");
        await HealthyAsync(cluster[1], cluster[2]);

        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
    }

    [Fact]
    public async Task Three_ThisOneHangsAndAnotherIsDown_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster.LeaderAsync(Token);
        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
        await cluster[0].Process!.SignalAsync("STOP");
        await cluster[1].Process!.KillAsync();

        await RefusedAsync(cluster[0]);
    }

    [Fact]
    public async Task Three_ThisOneHangsAndNobodyIsKnown_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster[0].Process!.SignalAsync("STOP");

        Assert.Contains("nobody else could be asked", await RefusedAsync(cluster[0]));
    }

    [Fact]
    public async Task Three_OurIdentityIsRefused_IsNotTakenForADeadMember()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        using var other = new EtcdCertificates();
        other.WriteClient(cluster[0].Root);

        await RefusedAsync(cluster[0]);
    }

    [Fact]
    public async Task Three_QuorumIsLostAlready_MayStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(3, Token);
        await cluster[1].Process!.KillAsync();
        await cluster[2].Process!.KillAsync();
        while ((await cluster[0].AskAsync(Token)).LeaderId != 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
        }

        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
    }

    [Fact]
    public async Task Two_MayNotStop()
    {
        await using var cluster = await EtcdCluster.StartAsync(2, Token);

        Assert.Contains("2 voting members", await RefusedAsync(cluster[0], acceptDowntime: true));
    }

    [Fact]
    public async Task TwoAndALearner_LearnerMayStopAndTheOthersNot()
    {
        await using var cluster = await EtcdCluster.StartAsync(2, Token);
        var learner = await cluster.AddLearnerAsync("cp3", Token);

        await learner.Guard.EnsureMayStopAsync(acceptDowntime: false, Token);
        Assert.Contains("2 voting members", await RefusedAsync(cluster[0]));
    }

    [Fact]
    public async Task One_MayStopOnlyWhereTheDowntimeIsAccepted()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);

        Assert.Contains("Accept the downtime", await RefusedAsync(cluster[0]));
        await cluster[0].Guard.EnsureMayStopAsync(acceptDowntime: true, Token);
    }

    private static Task<string> RefusedAsync(EtcdMemberNode node, bool acceptDowntime = false) =>
        Faults.MessageAsync(FaultReason.Quorum, () => node.Guard.EnsureMayStopAsync(acceptDowntime, Token));

    private static async Task HealthyAsync(params EtcdMemberNode[] nodes)
    {
        foreach (var node in nodes)
        {
            while ((await node.AskAsync(Token)).Problem.Length > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
            }
        }
    }
}
