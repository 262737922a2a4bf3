using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Members;

public sealed class MoveLeaderTests : IAsyncLifetime
{
    private EtcdCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await EtcdCluster.StartAsync(3, Token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Move_FromTheLeader_MovesToAnotherAndAllSeeIt()
    {
        var leader = await _cluster.LeaderAsync(Token);
        var before = await leader.AskAsync(Token);

        var response = await MoveAsync(leader);

        Assert.True(response.Change.Changed);
        Assert.Equal(before.MemberId, response.From);
        Assert.NotEqual(response.From, response.To);
        Assert.Equal(response.To, (await leader.AskAsync(Token)).LeaderId);
        Assert.Equal(response.To, (await (await _cluster.LeaderAsync(Token)).AskAsync(Token)).MemberId);
    }

    [Fact]
    public async Task Move_Preferred_IsTakenInItsOrder()
    {
        var leader = await _cluster.LeaderAsync(Token);
        var others = await OthersAsync(leader);

        foreach (var wanted in new[] { others[1], others[0] })
        {
            leader = await _cluster.LeaderAsync(Token);
            Assert.Equal(wanted, (await MoveAsync(leader, 12345, wanted, others[0], others[1])).To);
        }
    }

    [Fact]
    public async Task Move_FromAFollower_ChangesNothing()
    {
        var leader = await _cluster.LeaderAsync(Token);
        var follower = _cluster.Nodes.First(node => node != leader);

        var response = await MoveAsync(follower);

        Assert.False(response.Change.Changed);
        Assert.Same(leader, await _cluster.LeaderAsync(Token));
    }

    [Fact]
    public async Task Move_PreferredIsDown_TakesTheOtherOne()
    {
        var leader = await _cluster.LeaderAsync(Token);
        var others = await OthersAsync(leader);
        var down = _cluster.Nodes.First(node => node != leader);
        var downId = (await down.AskAsync(Token)).MemberId;
        await down.Process!.KillAsync();

        Assert.Equal(others.Single(id => id != downId), (await MoveAsync(leader, downId)).To);
    }

    [Fact]
    public async Task Move_AlarmAndLearnerOnly_NobodyIsFit()
    {
        var leader = await _cluster.LeaderAsync(Token);
        foreach (var id in await OthersAsync(leader))
        {
            await _cluster.AlarmAsync(id, raise: true);
        }

        var message = await Faults.MessageAsync(FaultReason.MemberUnhealthy, () => MoveAsync(leader));

        Assert.Contains("nobody is fit to lead", message);
        Assert.Contains("alarm NOSPACE", message);
        Assert.Same(leader, await _cluster.LeaderAsync(Token));
    }

    [Fact]
    public async Task Move_OnlyMember_NobodyCanLead()
    {
        await using var one = await EtcdCluster.StartAsync(1, Token);

        Assert.Contains("the only one", await Faults.MessageAsync(FaultReason.MemberUnhealthy, () => MoveAsync(one[0])));
    }

    [Fact]
    public async Task Move_LearnerBesideTheOnlyVoter_NobodyIsFit()
    {
        await using var cluster = await EtcdCluster.StartAsync(1, Token);
        await cluster.AddLearnerAsync("cp2", Token);

        Assert.Contains("a learner", await Faults.MessageAsync(FaultReason.MemberUnhealthy, () => MoveAsync(cluster[0])));
    }

    [Fact]
    public async Task Move_NobodyListens_IsUnreachable()
    {
        var leader = await _cluster.LeaderAsync(Token);
        await leader.Process!.KillAsync();

        await Faults.MessageAsync(FaultReason.MemberUnreachable, () => MoveAsync(leader));
    }

    private static async Task<List<ulong>> OthersAsync(EtcdMemberNode leader)
    {
        var answer = await leader.AskAsync(Token);
        return [.. answer.Members.Select(member => member.Id).Where(id => id != answer.MemberId)];
    }

    private static Task<MoveLeaderResponse> MoveAsync(EtcdMemberNode node, params ulong[] preferred) =>
        node.MoveLeader.RunAsync(new() { Preferred = { preferred } }, VerbContext.Silent, Token);
}
