using EtcdFleet.Agent.V1;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>Whether members that answer see one and the same healthy cluster (FACTS 21).</summary>
internal static class Agreement
{
    /// <summary>As many raft entries may a member be behind the one furthest on: under writes, two status calls never meet exactly.</summary>
    private const ulong MaxLag = 1000;

    /// <summary>Why these members are not one healthy cluster; null when they are.</summary>
    /// <param name="views">Those that are expected to be up.</param>
    public static string? WhyNot(IReadOnlyList<MemberView> views)
    {
        if (views.FirstOrDefault(view => !view.Healthy || view.Member is null) is { } sick)
        {
            return $"{sick.Node}: {sick.Problem}";
        }

        if (views is not [var first, ..])
        {
            return "no member was asked";
        }

        var reference = first.Member!;
        foreach (var view in views)
        {
            var member = view.Member!;
            var why = member switch
            {
                { ClusterId: var id } when id != reference.ClusterId => $"is in cluster {id:x}, {first.Node} in {reference.ClusterId:x}",
                { LeaderId: 0 } => "sees no leader",
                { LeaderId: var leader } when leader != reference.LeaderId => $"sees the leader {leader:x}, {first.Node} sees {reference.LeaderId:x}",
                { Learner: true } => "is a learner",
                { Alarms: [var alarm, ..] } => $"sees the alarm {alarm.Kind} on {alarm.MemberId:x}",
                { Errors: [var error, ..] } => error,
                _ when Describe(member.Members) != Describe(reference.Members) => $"sees the members {Describe(member.Members)}, {first.Node} sees {Describe(reference.Members)}",
                _ => null,
            };
            if (why is not null)
            {
                return $"{view.Node} {why}";
            }
        }

        var ahead = views.MaxBy(view => view.Member!.RaftAppliedIndex)!;
        var behind = views.MinBy(view => view.Member!.RaftAppliedIndex)!;
        var lag = ahead.Member!.RaftAppliedIndex - behind.Member!.RaftAppliedIndex;
        return lag > MaxLag ? $"{behind.Node} is {lag} entries behind {ahead.Node}" : null;
    }

    /// <summary>Members as text, in the order of their ids: id, name, peer URLs, learner.</summary>
    public static string Describe(IEnumerable<ClusterMember> members) => string.Join(", ", members.OrderBy(member => member.Id)
        .Select(member => $"{member.Name}={member.Id:x}@{string.Join('|', member.PeerUrls.Order(StringComparer.Ordinal))}{(member.Learner ? " learner" : "")}"));
}
