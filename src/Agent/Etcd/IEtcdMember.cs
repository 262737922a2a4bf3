using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>One member, asked at one endpoint and no other, each call once (FACTS 25).</summary>
/// <remarks>Every method throws <see cref="EtcdCallException"/> when there is no answer, and <see cref="OperationCanceledException"/>
/// when the caller's token ends it.</remarks>
internal interface IEtcdMember : IDisposable
{
    Uri Endpoint { get; }

    /// <summary>How it is. Needs no quorum.</summary>
    Task<MemberStatus> StatusAsync(CancellationToken cancellationToken);

    /// <summary>The members as this one sees them. Needs no quorum.</summary>
    Task<IReadOnlyList<ClusterMember>> MembersAsync(CancellationToken cancellationToken);

    /// <summary>The cluster's alarms. Goes through raft: a member without quorum gives no answer in time.</summary>
    Task<IReadOnlyList<Alarm>> AlarmsAsync(CancellationToken cancellationToken);

    /// <summary>A linearizable read of a key that nobody has; gives the revision.</summary>
    Task<long> ReadAsync(CancellationToken cancellationToken);

    /// <summary>HashKV at a revision, 0 being the newest. The member reads its whole database.</summary>
    Task<MemberHash> HashAsync(long revision, CancellationToken cancellationToken);

    /// <summary>Gives leadership to another member; etcd answers once it has it. Only the leader can.</summary>
    Task MoveLeaderAsync(ulong target, CancellationToken cancellationToken);

    /// <summary>The database as a stream of parts, its SHA-256 in the last 32 bytes. Ends with TimedOut when nothing comes for a while.</summary>
    IAsyncEnumerable<SnapshotPart> SnapshotAsync(CancellationToken cancellationToken);
}

/// <summary>Some of a snapshot's bytes, and how many are still to come without the digest.</summary>
internal readonly record struct SnapshotPart(ReadOnlyMemory<byte> Data, ulong Remaining);
