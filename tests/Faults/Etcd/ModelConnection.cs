using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.V1;
using EtcdFleet.Faults.World;

namespace EtcdFleet.Faults.Etcd;

/// <summary>A connection of one node's agent to one member of the model; it fails as real ones do, which GetMemberTests, MoveLeaderTests, HashMemberTests, QuorumGuardTests and TakeSnapshotTests ask the same.</summary>
internal sealed class ModelConnection(Uri endpoint, AgentLife here, Machine there, EtcdModel etcd, FleetClock clock) : IEtcdMember
{
    private static readonly TimeSpan Ask = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public Uri Endpoint => endpoint;

    public Task<MemberStatus> StatusAsync(CancellationToken cancellationToken) => CallAsync(member => new MemberStatus
    {
        ClusterId = member.Data.ClusterId,
        MemberId = member.Id,
        Version = "3.6.6",
        LeaderId = etcd.LeaderOf(member)?.Id ?? 0,
        RaftTerm = (ulong)etcd.Term,
        RaftIndex = (ulong)member.Applied,
        RaftAppliedIndex = (ulong)member.Applied,
        Learner = false,
        DatabaseSize = 32 * 1024,
        DatabaseInUse = 32 * 1024,
        Errors = [],
    });

    public Task<IReadOnlyList<ClusterMember>> MembersAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<ClusterMember>>(asked =>
        [.. asked.Data.Members.Select(member => new ClusterMember { Id = member.Id, Name = member.Name, PeerUrls = { member.PeerUrl }, ClientUrls = { etcd.Members.Single(node => node.Name == member.Name).ClientUrl } })]);

    public Task<IReadOnlyList<Alarm>> AlarmsAsync(CancellationToken cancellationToken) => ThroughLeaderAsync<IReadOnlyList<Alarm>>("alarm list", _ => []);

    public Task<long> ReadAsync(CancellationToken cancellationToken) => ThroughLeaderAsync("linearizable read", EtcdModel.Revision);

    public Task<MemberHash> HashAsync(long revision, CancellationToken cancellationToken) => CallAsync(member =>
    {
        var at = revision == 0 ? EtcdModel.Revision(member) : revision;
        return at > EtcdModel.Revision(member) ? throw new EtcdCallException(EtcdTrouble.Answered, endpoint, "HashKV: etcdserver: mvcc: required revision is a future revision")
            : at < member.Data.First ? throw new EtcdCallException(EtcdTrouble.Answered, endpoint, "HashKV: etcdserver: mvcc: required revision has been compacted")
            : new MemberHash(EtcdModel.Hash(member, at), at, member.Data.First > 1 ? member.Data.First : -1);
    });

    public async Task MoveLeaderAsync(ulong target, CancellationToken cancellationToken) => await CallAsync(member =>
        etcd.Leader != member ? throw new EtcdCallException(EtcdTrouble.Answered, endpoint, "move leader: etcdserver: not leader")
        : etcd.MoveLeader(target) ? true : throw new EtcdCallException(EtcdTrouble.Answered, endpoint, "move leader: etcdserver: bad leader transferee"));

    public async IAsyncEnumerable<SnapshotPart> SnapshotAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var database = await CallAsync(member => ModelSnapshot.Of(member.Data).Database());
        yield return new(database.AsMemory(0, 512), 512);
        await CallAsync(_ => true);
        yield return new(database.AsMemory(512), 0);
        yield return new(SHA256.HashData(database), 0);
    }

    public void Dispose()
    {
    }

    /// <summary>Needs this member alone.</summary>
    private Task<T> CallAsync<T>(Func<ModelMember, T> answer) => here.TurnAsync(async () =>
    {
        if (!there.Powered)
        {
            // Nobody there to refuse: the connection attempt runs into its limit.
            await Task.Delay(Ask, clock, CancellationToken.None);
            throw new EtcdCallException(EtcdTrouble.TimedOut, endpoint, $"no answer within {Ask.TotalSeconds:0} s");
        }

        lock (clock.Gate)
        {
            return there.Member.Up ? answer(there.Member) : throw new EtcdCallException(EtcdTrouble.Refused, endpoint, "connection refused: nobody listens");
        }
    });

    /// <summary>Waits for a leader as etcd does, up to the call's limit.</summary>
    private async Task<T> ThroughLeaderAsync<T>(string what, Func<ModelMember, T> answer)
    {
        var began = clock.GetTimestamp();
        while (!await CallAsync(member => etcd.LeaderOf(member) is not null))
        {
            if (clock.GetElapsedTime(began) > Ask)
            {
                throw new EtcdCallException(EtcdTrouble.TimedOut, endpoint, $"no answer to {what} within {Ask.TotalSeconds:0} s");
            }

            await Task.Delay(Pause, clock, CancellationToken.None);
        }

        return await CallAsync(answer);
    }
}
