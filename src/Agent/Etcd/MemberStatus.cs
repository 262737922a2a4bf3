namespace EtcdFleet.Agent.Etcd;

/// <summary>What a member says of itself (Maintenance.Status).</summary>
internal sealed record MemberStatus
{
    public required ulong ClusterId { get; init; }

    public required ulong MemberId { get; init; }

    public required string Version { get; init; }

    /// <summary>0: it knows none.</summary>
    public required ulong LeaderId { get; init; }

    public required ulong RaftTerm { get; init; }

    /// <summary>The committed index.</summary>
    public required ulong RaftIndex { get; init; }

    public required ulong RaftAppliedIndex { get; init; }

    public required bool Learner { get; init; }

    /// <summary>Bytes of the database file.</summary>
    public required ulong DatabaseSize { get; init; }

    /// <summary>Bytes of it in use.</summary>
    public required ulong DatabaseInUse { get; init; }

    public required IReadOnlyList<string> Errors { get; init; }
}
