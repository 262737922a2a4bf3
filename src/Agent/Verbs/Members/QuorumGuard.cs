using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Members;

/// <summary>Asks every member before this node's own may stop (FACTS 22).</summary>
/// <remarks>
/// A member that gives the cluster nothing may always stop: nobody listens, or it is a learner, or it sees no leader. Every other
/// one, also one that hangs or has an alarm and still votes, may stop only when the others are a quorum without it.
/// Nothing counts but what a member says at its own endpoint, now: the list of members is one that was confirmed by a round through raft, for
/// a member that was cut off may have an old one; each of the list answers for itself, through raft again; and no answer is a member down.
/// </remarks>
internal sealed class QuorumGuard(IEtcdManifests manifests, IEtcdMembers members, KnownMembers known, TimeProvider time) : IQuorumGuard
{
    // An election takes one to two seconds; a member without a leader for longer than this has no part in a quorum.
    private static readonly TimeSpan Election = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly MemberPoll _poll = new(members);

    public async Task EnsureMayStopAsync(bool acceptDowntime, CancellationToken cancellationToken)
    {
        var manifest = manifests.Get().Manifest;
        var (status, list, problem) = await LookHereAsync(manifest, cancellationToken);
        if (problem is { Trouble: EtcdTrouble.Refused } || status is { LeaderId: 0 } or { Learner: true })
        {
            return;
        }

        if (list is null)
        {
            list = await AskOthersAsync(cancellationToken) ?? throw Refusal(
                $"this member does not say how it is ({problem!.Message}), and nobody else could be asked for the members. Expected proof that the others keep quorum without it. Look at this member, or bring the others back.");
        }

        known.Write([.. list.Select(KnownMember.From)]);
        var voters = list.Where(member => !member.Learner).ToList();
        var others = voters.Where(member => !IsHere(member, status, manifest)).ToList();
        if (others.Count == 0 && acceptDowntime)
        {
            return;
        }

        if (others.Count < 2)
        {
            throw Refusal(others.Count == 0
                ? "this is the cluster's only member: while it is stopped there is no etcd. Accept the downtime to go on."
                : $"the cluster has 2 voting members: without one of them the other, {others[0].Name}, has no quorum. Add a third member first.");
        }

        await EnsureQuorumWithoutAsync(voters.Count, others, status, cancellationToken);
    }

    private async Task EnsureQuorumWithoutAsync(int voters, List<ClusterMember> others, MemberStatus? status, CancellationToken cancellationToken)
    {
        var reports = await _poll.AskAsync(others, cancellationToken);
        var leader = status?.LeaderId ?? reports.Where(report => report.Status is { LeaderId: not 0 })
            .GroupBy(report => report.Status!.LeaderId).MaxBy(group => group.Count())?.Key ?? 0;
        // A member that was wiped and began a cluster of its own has its old id: that is made of its URLs and the token.
        var cluster = status?.ClusterId ?? reports.Where(report => report.Status is not null).GroupBy(report => report.Status!.ClusterId).MaxBy(group => group.Count())?.Key ?? 0;
        var quorum = (voters / 2) + 1;
        string Unfit(MemberReport report) => report.Unfit(leader) is { Length: > 0 } why ? why
            : report.Status!.ClusterId == cluster ? "" : $"is in the cluster {MemberReport.Hex(report.Status.ClusterId)}, not {MemberReport.Hex(cluster)}";
        var healthy = reports.Count(report => Unfit(report).Length == 0);
        if (healthy < quorum)
        {
            throw Refusal($"of the {others.Count} other voting members {healthy} are healthy, expected at least {quorum}, the quorum of {voters}: "
                + string.Join("; ", reports.Select(report => $"{report}: {(Unfit(report) is { Length: > 0 } why ? why : "healthy")}")) + ". Bring the others back first.");
        }
    }

    private async Task<(MemberStatus? Status, IReadOnlyList<ClusterMember>? List, EtcdCallException? Problem)> LookHereAsync(EtcdManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            using var here = members.Open(members.LocalEndpoint(manifest));
            var began = time.GetTimestamp();
            var status = await here.StatusAsync(cancellationToken);
            while (status is { LeaderId: 0, Learner: false } && time.GetElapsedTime(began) < Election)
            {
                await Task.Delay(Pause, time, cancellationToken);
                status = await here.StatusAsync(cancellationToken);
            }

            // A learner has no vote to lose, and gives no list of members.
            return (status, status.Learner || status.LeaderId == 0 ? null : await ConfirmedListAsync(here, cancellationToken), null);
        }
        catch (EtcdCallException problem)
        {
            return (null, null, problem);
        }
    }

    /// <summary>A member's list, behind a round through raft: what was committed before the question is in it. Alarms go that way also where reads are refused (CORRUPT).</summary>
    private static async Task<IReadOnlyList<ClusterMember>> ConfirmedListAsync(IEtcdMember member, CancellationToken cancellationToken)
    {
        _ = await member.AlarmsAsync(cancellationToken);
        return await member.MembersAsync(cancellationToken);
    }

    /// <summary>The member list of the first known member that gives one; null when none does.</summary>
    private async Task<IReadOnlyList<ClusterMember>?> AskOthersAsync(CancellationToken cancellationToken)
    {
        var lists = await Task.WhenAll(known.Read().SelectMany(member => member.ClientUrls).Distinct().Select(async text =>
        {
            try
            {
                using var member = members.Open(new Uri(text));
                return (await member.StatusAsync(cancellationToken)).LeaderId == 0 ? null : await ConfirmedListAsync(member, cancellationToken);
            }
            catch (Exception problem) when (problem is EtcdCallException or UriFormatException)
            {
                return null;
            }
        }));
        return lists.FirstOrDefault(list => list is not null);
    }

    private static bool IsHere(ClusterMember member, MemberStatus? status, EtcdManifest manifest) => status is not null
        ? member.Id == status.MemberId
        : member.Name == manifest.Name || member.PeerUrls.Intersect((manifest.Flag("initial-advertise-peer-urls") ?? "").Split(',')).Any();

    private static AgentFault Refusal(string message) => new(FaultReason.Quorum, $"etcd on this node may not stop: {message}");
}
