using System.Net.Sockets;
using dotnet_etcd;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using Mvccpb;

namespace EtcdFleet.Coordinator.States;

/// <summary>The etcd of the fleet's state through dotnet-etcd: each call to one member after the other, until one answers.</summary>
/// <remarks>
/// Over channels of ours, without dotnet-etcd's balancing and retries (FACTS 25): the journal knows whether it may wait. A call whose answer got
/// lost goes out again to the next member, so all that is sent from here may come twice: transactions that say what they expect, and puts of the same value.
/// </remarks>
internal sealed class StateEtcd : IDisposable
{
    /// <summary>One member's time for one call. One that is there and has a quorum answers within milliseconds.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    /// <summary>Keys of one answer.</summary>
    private const int Page = 500;

    /// <summary>Of an answer: a page of lines.</summary>
    private const int LargestMessage = 64 * 1024 * 1024;

    private readonly StateIdentity? _identity;
    private readonly List<Member> _members = [];
    private int _answered;

    /// <param name="address">As of <c>--state</c>.</param>
    /// <param name="identity">For TLS; disposed with this.</param>
    public StateEtcd(StateAddress address, StateIdentity? identity)
    {
        (Address, _identity) = (address, identity);
        foreach (var endpoint in address.Endpoints)
        {
            var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync, ConnectTimeout = Limit, UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
            if (identity is not null)
            {
                handler.SslOptions = identity.Options();
            }

            var channel = GrpcChannel.ForAddress(endpoint, new() { HttpHandler = handler, DisposeHttpClient = true, MaxRetryAttempts = 1, MaxReceiveMessageSize = LargestMessage });
            var invoker = channel.CreateCallInvoker();
            _members.Add(new(endpoint, channel, new EtcdClient(invoker), new(invoker)));
        }
    }

    public StateAddress Address { get; }

    /// <summary>The members, as a quorum of them knows them, and their cluster's id.</summary>
    public Task<MemberListResponse> MembersAsync(CancellationToken cancellationToken) => CallAsync(
        (member, deadline) => member.Client.MemberListAsync(new MemberListRequest { Linearizable = true }, deadline: deadline, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>A key's present value; null where there is none.</summary>
    public async Task<KeyValue?> FindAsync(ByteString key, CancellationToken cancellationToken) =>
        (await RangeAsync(new() { Key = key }, cancellationToken)).Kvs.FirstOrDefault();

    /// <summary>All keys that begin so, in their order, as they were at one moment.</summary>
    public async Task<IReadOnlyList<KeyValue>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var found = new List<KeyValue>();
        var (from, end) = (StateKeys.Key(prefix), StateKeys.Key(prefix[..^1] + (char)(prefix[^1] + 1)));
        long revision = 0;
        while (true)
        {
            var page = await RangeAsync(new() { Key = from, RangeEnd = end, Limit = Page, Revision = revision }, cancellationToken);
            found.AddRange(page.Kvs);
            if (!page.More)
            {
                return found;
            }

            (revision, from) = (page.Header.Revision, ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]));
        }
    }

    public Task<TxnResponse> CommitAsync(TxnRequest request, CancellationToken cancellationToken) => CallAsync(
        (member, deadline) => member.Client.TransactionAsync(request, deadline: deadline, cancellationToken: cancellationToken), cancellationToken);

    /// <summary>Grants a lease. One whose answer got lost runs out by itself, and no key is bound to it.</summary>
    public async Task<long> GrantAsync(TimeSpan ttl, CancellationToken cancellationToken) => (await CallAsync(
        (member, deadline) => member.Client.LeaseGrantAsync(new() { TTL = (long)Math.Ceiling(ttl.TotalSeconds) }, deadline: deadline, cancellationToken: cancellationToken), cancellationToken)).ID;

    /// <summary>What a lease was granted for, and for how long it has still to go; null where it is gone.</summary>
    public async Task<(TimeSpan Granted, TimeSpan Left)?> LookAsync(long lease, CancellationToken cancellationToken)
    {
        var found = await CallAsync((member, deadline) => member.Leases.LeaseTimeToLiveAsync(new() { ID = lease }, deadline: deadline, cancellationToken: cancellationToken).ResponseAsync, cancellationToken);
        return found.TTL <= 0 ? null : (TimeSpan.FromSeconds(found.GrantedTTL), TimeSpan.FromSeconds(found.TTL));
    }

    /// <summary>Renews a lease, once; false where it is gone.</summary>
    public Task<bool> RenewAsync(long lease, CancellationToken cancellationToken) => CallAsync(
        async (member, deadline) =>
        {
            using var call = member.Leases.LeaseKeepAlive(deadline: deadline, cancellationToken: cancellationToken);
            await call.RequestStream.WriteAsync(new() { ID = lease }, cancellationToken);
            var renewed = await call.ResponseStream.MoveNext(cancellationToken) && call.ResponseStream.Current.TTL > 0;
            await call.RequestStream.CompleteAsync();
            return renewed;
        }, cancellationToken);

    /// <summary>Ends a lease, and so every key that is bound to it.</summary>
    public Task RevokeAsync(long lease, CancellationToken cancellationToken) => CallAsync(
        (member, deadline) => member.Client.LeaseRevokeAsync(new() { ID = lease }, deadline: deadline, cancellationToken: cancellationToken), cancellationToken);

    public void Dispose()
    {
        foreach (var member in _members)
        {
            member.Client.Dispose();
            member.Channel.Dispose();
        }

        _identity?.Dispose();
    }

    /// <summary>Opened here and not by gRPC's balancer, which keeps failed connections' reasons to itself and waits ever longer between two tries.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) => CallAsync(
        (member, deadline) => member.Client.GetAsync(request, deadline: deadline, cancellationToken: cancellationToken), cancellationToken);

    /// <exception cref="StateFault">None of them gave a good answer.</exception>
    private async Task<T> CallAsync<T>(Func<Member, DateTime, Task<T>> call, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        Exception? last = null;
        var first = Volatile.Read(ref _answered);
        for (var i = 0; i < _members.Count; i++)
        {
            var at = (first + i) % _members.Count;
            try
            {
                var answer = await call(_members[at], TimeProvider.System.GetUtcNow().UtcDateTime + Limit); // gRPC's own clock
                Volatile.Write(ref _answered, at);
                return answer;
            }
            catch (Exception problem) when (StateTroubles.IsFailure(problem))
            {
                cancellationToken.ThrowIfCancellationRequested();
                said.Add(StateTroubles.Words(problem, _members[at].Endpoint, Limit));
                last = problem;
            }
        }

        throw new StateFault($"the state's etcd, {Address}, cannot be used: {string.Join("; ", said)}", last);
    }

    private sealed record Member(Uri Endpoint, GrpcChannel Channel, EtcdClient Client, Lease.LeaseClient Leases);
}
