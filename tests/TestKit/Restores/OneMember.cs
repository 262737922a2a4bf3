using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>A member that says of itself only whether it has a leader.</summary>
internal sealed class OneMember : IEtcdMembers, IEtcdMember
{
    /// <summary>Null: it does not answer.</summary>
    public ulong? Leader { get; set; } = 7;

    public Uri Endpoint { get; } = new("https://127.0.0.1:2379");

    public Uri LocalEndpoint(EtcdManifest manifest) => Endpoint;

    public IEtcdMember Open(Uri endpoint) => this;

    public Task<MemberStatus> StatusAsync(CancellationToken cancellationToken) => Leader is { } leader
        ? Task.FromResult(new MemberStatus
        {
            ClusterId = 1, MemberId = 7, Version = "3.5.16", LeaderId = leader, RaftTerm = 2, RaftIndex = 3, RaftAppliedIndex = 3, Learner = false, DatabaseSize = 4096, DatabaseInUse = 4096, Errors = [],
        })
        : throw new EtcdCallException(EtcdTrouble.Refused, Endpoint, "connection refused");

    public Task<IReadOnlyList<ClusterMember>> MembersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Alarm>> AlarmsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> ReadAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<MemberHash> HashAsync(long revision, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task MoveLeaderAsync(ulong target, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<SnapshotPart> SnapshotAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
