using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cluster;

public sealed class AgreementTests : IDisposable
{
    private readonly StepBench _bench = new();

    /// <summary>What one member says otherwise, and the words that tell it.</summary>
    public static TheoryData<string, string> EveryDifference() => new()
    {
        { "cluster", "cp2 is in cluster c2, cp1 in c1" },
        { "no leader", "cp2 sees no leader" },
        { "leader", "cp2 sees the leader a3, cp1 sees a1" },
        { "learner", "cp2 is a learner" },
        { "alarm", "cp2 sees the alarm CORRUPT on a2" },
        { "errors", "cp2 etcdserver: no leader" },
        { "members", "cp2 sees the members cp1=a1@https://cp1:2380, cp2=a2@https://cp2:2380, cp1 sees the members cp1=a1" },
        { "behind", "cp2 is 1001 entries behind cp1" },
        { "sick", "cp2: connection refused" },
    };

    [Theory]
    [MemberData(nameof(EveryDifference))]
    public async Task WhyNot_OneMemberDiffers_SaysWhichAndHow(string difference, string why)
    {
        _bench.Fleet["cp2"].Member = member =>
        {
            switch (difference)
            {
                case "cluster": member.ClusterId = 0xC2; break;
                case "no leader": member.LeaderId = 0; break;
                case "leader": member.LeaderId = 0xA3; break;
                case "learner": member.Learner = true; break;
                case "alarm": member.Alarms.Add(new Alarm { MemberId = 0xA2, Kind = "CORRUPT" }); break;
                case "errors": member.Errors.Add("etcdserver: no leader"); break;
                case "members": member.Members.RemoveAt(2); break;
                case "behind": member.RaftAppliedIndex -= 1001; break;
                case "sick": member.Problem = "connection refused"; break;
            }
        };

        var views = await MemberView.OfAllAsync(_bench.Context(), CancellationToken.None);

        Assert.StartsWith(why.Replace("cp1 sees the members", "cp1 sees", StringComparison.Ordinal), Agreement.WhyNot(views), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhyNot_AllTheSame_IsNull() => Assert.Null(Agreement.WhyNot(await MemberView.OfAllAsync(_bench.Context(), CancellationToken.None)));

    [Fact]
    public void WhyNot_NobodyWasAsked_IsNoAgreement() => Assert.NotNull(Agreement.WhyNot([]));

    public void Dispose() => _bench.Dispose();
}
