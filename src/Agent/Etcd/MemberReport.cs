using System.Globalization;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>What one member of the list said when it was asked itself.</summary>
internal sealed record MemberReport
{
    public required ClusterMember Member { get; init; }

    /// <summary>Where it answered; null when it did not.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Null when it did not answer.</summary>
    public MemberStatus? Status { get; init; }

    /// <summary>Its own alarms.</summary>
    public IReadOnlyList<Alarm> Alarms { get; init; } = [];

    /// <summary>Why there is no full answer.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Why it does not count as a healthy voting member that follows this leader; empty when it does (FACTS 21).</summary>
    public string Unfit(ulong leader) => this switch
    {
        { Member.Learner: true } or { Status.Learner: true } => "a learner", // first: a learner refuses most questions
        { Problem.Length: > 0 } => Problem,
        { Status: null } => "no answer",
        { Alarms.Count: > 0 } => $"alarm {string.Join(", ", Alarms.Select(alarm => alarm.Kind))}",
        { Status.LeaderId: 0 } => "sees no leader",
        _ when Status.LeaderId != leader => $"sees the leader {Hex(Status.LeaderId)}, not {Hex(leader)}",
        _ => "",
    };

    /// <summary>"cp2 (8e9e05c52164694d)".</summary>
    public override string ToString() => $"{(Member.Name.Length == 0 ? "a member without a name" : Member.Name)} ({Hex(Member.Id)})";

    /// <summary>An id as etcdctl shows it.</summary>
    public static string Hex(ulong id) => id.ToString("x", CultureInfo.InvariantCulture);
}
