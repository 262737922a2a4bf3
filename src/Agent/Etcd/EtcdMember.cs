using System.Runtime.CompilerServices;
using dotnet_etcd;
using EtcdFleet.Agent.V1;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Etcd;

/// <summary>One member through dotnet-etcd, over a channel of ours: one address, no load balancing, no retries (FACTS 25).</summary>
internal sealed class EtcdMember : IEtcdMember
{
    private static readonly TimeSpan Ask = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Transfer = TimeSpan.FromSeconds(8); // etcd's own limit is 5 s and two election timeouts
    private static readonly TimeSpan Hash = TimeSpan.FromMinutes(2); // the largest database that etcd advises, 8 GB, from a slow disk
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly ByteString ProbeKey = ByteString.CopyFromUtf8("health"); // what etcdctl's health check reads

    private readonly EtcdIdentity? _identity;
    private readonly TimeProvider _time;
    private readonly GrpcChannel _channel;
    private readonly EtcdClient _client;
    private readonly Maintenance.MaintenanceClient _maintenance;

    /// <param name="endpoint">The one address.</param>
    /// <param name="identity">For https; disposed with the member.</param>
    /// <param name="time">The clock of every limit.</param>
    /// <param name="connect">How it is reached where the endpoint is only a name; null: by its address.</param>
    public EtcdMember(Uri endpoint, EtcdIdentity? identity, TimeProvider time, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        Endpoint = endpoint;
        _identity = identity;
        _time = time;
        var handler = new SocketsHttpHandler { ConnectTimeout = Ask, UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectCallback = connect };
        if (identity is not null)
        {
            handler.SslOptions = identity.Options();
        }

        _channel = GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxRetryAttempts = 1 });
        var invoker = _channel.CreateCallInvoker();
        _client = new EtcdClient(invoker);
        _maintenance = new Maintenance.MaintenanceClient(invoker);
    }

    public Uri Endpoint { get; }

    public Task<MemberStatus> StatusAsync(CancellationToken cancellationToken) => CallAsync("status", Ask, async token =>
    {
        var found = await _client.StatusAsync(new StatusRequest(), cancellationToken: token);
        return new MemberStatus
        {
            ClusterId = found.Header.ClusterId,
            MemberId = found.Header.MemberId,
            Version = found.Version,
            LeaderId = found.Leader,
            RaftTerm = found.RaftTerm,
            RaftIndex = found.RaftIndex,
            RaftAppliedIndex = found.RaftAppliedIndex,
            Learner = found.IsLearner,
            DatabaseSize = (ulong)found.DbSize,
            DatabaseInUse = (ulong)found.DbSizeInUse,
            Errors = [.. found.Errors],
        };
    }, cancellationToken);

    // Not linearizable: what this member sees by itself is the question (FACTS 21).
    public Task<IReadOnlyList<ClusterMember>> MembersAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<ClusterMember>>("member list", Ask, async token =>
    {
        var found = await _client.MemberListAsync(new MemberListRequest(), cancellationToken: token);
        return [.. found.Members.OrderBy(member => member.ID).Select(member => new ClusterMember
        {
            Id = member.ID, Name = member.Name, Learner = member.IsLearner, PeerUrls = { member.PeerURLs }, ClientUrls = { member.ClientURLs },
        })];
    }, cancellationToken);

    public Task<IReadOnlyList<Alarm>> AlarmsAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<Alarm>>("alarm list", Ask, async token =>
    {
        var found = await _client.AlarmAsync(new AlarmRequest { Action = AlarmRequest.Types.AlarmAction.Get }, cancellationToken: token);
        return [.. found.Alarms.Select(alarm => new Alarm { MemberId = alarm.MemberID, Kind = alarm.Alarm.ToString().ToUpperInvariant() })];
    }, cancellationToken);

    public Task<long> ReadAsync(CancellationToken cancellationToken) => CallAsync("linearizable read", Ask, async token =>
    {
        var found = await _client.GetAsync(new RangeRequest { Key = ProbeKey, CountOnly = true }, cancellationToken: token);
        return found.Header.Revision;
    }, cancellationToken);

    public Task<MemberHash> HashAsync(long revision, CancellationToken cancellationToken) => CallAsync("HashKV", Hash, async token =>
    {
        var found = await _client.HashKVAsync(new HashKVRequest { Revision = revision }, cancellationToken: token);
        return new MemberHash(found.Hash, revision == 0 ? found.Header.Revision : revision, found.CompactRevision);
    }, cancellationToken);

    public Task MoveLeaderAsync(ulong target, CancellationToken cancellationToken) => CallAsync("move leader", Transfer, async token =>
        await _client.MoveLeaderAsync(new Etcdserverpb.MoveLeaderRequest { TargetID = target }, cancellationToken: token), cancellationToken);

    // dotnet-etcd gives a snapshot to a callback that cannot wait; the generated client is read at the pace of the disk.
    public async IAsyncEnumerable<SnapshotPart> SnapshotAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        using var call = _maintenance.Snapshot(new SnapshotRequest(), cancellationToken: either.Token);
        while (await NextAsync(call.ResponseStream, either.Token, cancellationToken) is { } part)
        {
            silence.CancelAfter(Timeout.InfiniteTimeSpan); // the time that the disk takes is not the member's silence
            yield return new SnapshotPart(part.Blob.Memory, part.RemainingBytes);
            silence.CancelAfter(Silence);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _channel.Dispose();
        _identity?.Dispose();
    }

    private async Task<SnapshotResponse?> NextAsync(IAsyncStreamReader<SnapshotResponse> stream, CancellationToken token, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNext(token) ? stream.Current : null;
        }
        catch (Exception problem) when (EtcdTroubles.IsFailure(problem))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw EtcdTroubles.Explain(problem, Endpoint, "snapshot", Silence);
        }
    }

    private async Task<T> CallAsync<T>(string what, TimeSpan limit, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        // The clock is the injected one, so the limit is a token and not gRPC's deadline.
        using var deadline = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (Exception problem) when (EtcdTroubles.IsFailure(problem))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw EtcdTroubles.Explain(problem, Endpoint, what, limit);
        }
    }
}
