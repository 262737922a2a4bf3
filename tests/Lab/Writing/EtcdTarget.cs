using System.Globalization;
using dotnet_etcd;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Mvccpb;

namespace EtcdFleet.Lab.Writing;

/// <summary>One member of etcd, over a channel of its own without retries (FACTS 25).</summary>
internal sealed class EtcdTarget : IWriteTarget, IDisposable
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);
    private readonly string _endpoint;
    private readonly GrpcChannel _channel;
    private readonly EtcdClient _client;
    private readonly Watch.WatchClient _watch;
    private readonly Func<string, long> _valueOf;

    /// <summary>Describes the channel; it connects with the first call.</summary>
    /// <param name="valueOf">The number in a key's value; null: the value is the number.</param>
    public EtcdTarget(string endpoint, SocketsHttpHandler handler, Func<string, long>? valueOf = null)
    {
        (_endpoint, _valueOf) = (endpoint, valueOf ?? (value => long.Parse(value, CultureInfo.InvariantCulture)));
        _channel = GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxRetryAttempts = null, MaxReceiveMessageSize = null });
        var invoker = _channel.CreateCallInvoker();
        _client = new(invoker);
        _watch = new(invoker);
    }

    /// <inheritdoc/>
    public async Task<Versioned?> CompareAndSwapAsync(string key, long expectedRevision, long value, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var name = ByteString.CopyFromUtf8(key);
        var request = new TxnRequest
        {
            Compare = { new Compare { Key = name, Target = Compare.Types.CompareTarget.Mod, Result = Compare.Types.CompareResult.Equal, ModRevision = expectedRevision } },
            Success = { new RequestOp { RequestPut = new PutRequest { Key = name, Value = ByteString.CopyFromUtf8(value.ToString(CultureInfo.InvariantCulture)) } } },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = name } } },
        };
        var response = await AnswerAsync(() => _client.TransactionAsync(request, deadline: Deadline(timeout), cancellationToken: cancellationToken));
        return response.Succeeded
            ? new Versioned(value, response.Header.Revision)
            : response.Responses[0].ResponseRange.Kvs is [var kv] ? ToVersioned(kv) : null;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, Versioned>> ReadAllAsync(string prefix, CancellationToken cancellationToken)
    {
        var request = new RangeRequest { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EndOf(prefix) };
        var response = await AnswerAsync(() => _client.GetAsync(request, deadline: Deadline(ReadTimeout), cancellationToken: cancellationToken));
        return response.Kvs.ToDictionary(kv => kv.Key.ToStringUtf8(), ToVersioned);
    }

    /// <inheritdoc/>
    public Task<IReadOnlySet<Acknowledged>?> ReadHistoryAsync(string prefix, long from, long to, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        using var call = _watch.Watch(deadline: Deadline(ReadTimeout), cancellationToken: cancellationToken);
        var create = new WatchCreateRequest { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EndOf(prefix), StartRevision = from };
        await call.RequestStream.WriteAsync(new WatchRequest { CreateRequest = create }, cancellationToken);
        var writes = new HashSet<Acknowledged>();
        // The last acknowledged write is below the prefix, so its event must come; if it is lost, the deadline ends this.
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var response = call.ResponseStream.Current;
            if (response.CompactRevision > 0)
            {
                return null;
            }

            foreach (var e in response.Events.Where(e => e.Type == Event.Types.EventType.Put))
            {
                writes.Add(new(e.Kv.Key.ToStringUtf8(), ToVersioned(e.Kv).Value, e.Kv.ModRevision));
            }

            if (response.Events.Any(e => e.Kv.ModRevision >= to))
            {
                break;
            }
        }

        return (IReadOnlySet<Acknowledged>?)writes;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _channel.Dispose();
    }

    private static DateTime Deadline(TimeSpan timeout) => TimeProvider.System.GetUtcNow().UtcDateTime + timeout;

    private Versioned ToVersioned(KeyValue kv) => new(_valueOf(kv.Value.ToStringUtf8()), kv.ModRevision);

    /// <summary>etcd's way to say "every key that begins so": the prefix with its last byte one greater.</summary>
    public static ByteString EndOf(string prefix)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(prefix);
        bytes[^1]++;
        return ByteString.CopyFrom(bytes);
    }

    private async Task<T> AnswerAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException e)
        {
            throw new WriteAttemptException($"{_endpoint}: {e.StatusCode}: {e.Status.Detail}", e);
        }
    }
}
