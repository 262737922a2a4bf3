using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;

namespace EtcdFleet.Lab.StandIns.ApiServer.Etcd;

/// <summary>A key's value and the revision that wrote it.</summary>
internal sealed record EtcdRecord(string Key, string Value, long Revision);

/// <summary>Keys and values of etcd below <c>/registry</c>.</summary>
internal sealed class EtcdRecords(EtcdConnection connection)
{
    /// <summary>Reads a key, linearizably; null when it is not there.</summary>
    public async Task<EtcdRecord?> FindAsync(string key, CancellationToken cancellationToken) =>
        (await RangeAsync(new() { Key = ByteString.CopyFromUtf8(key) }, cancellationToken)).Kvs is [var kv] ? Record(kv) : null;

    /// <summary>Reads every key that begins so, and says the revision at which.</summary>
    public async Task<(IReadOnlyList<EtcdRecord> Records, long Revision)> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var response = await RangeAsync(new() { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EndOf(prefix) }, cancellationToken);
        return ([.. response.Kvs.Select(Record)], response.Header.Revision);
    }

    /// <summary>Writes a key if it was last written at a revision (0: never). Gives the new revision; null when the key has another state.</summary>
    public async Task<long?> SwapAsync(string key, long expected, string? value, CancellationToken cancellationToken)
    {
        var name = ByteString.CopyFromUtf8(key);
        var change = value is null
            ? new RequestOp { RequestDeleteRange = new() { Key = name } }
            : new RequestOp { RequestPut = new() { Key = name, Value = ByteString.CopyFromUtf8(value) } };
        var request = new TxnRequest
        {
            Compare = { new Compare { Key = name, Target = Compare.Types.CompareTarget.Mod, Result = Compare.Types.CompareResult.Equal, ModRevision = expected } },
            Success = { change },
        };
        var response = await connection.CallAsync((calls, token) => new KV.KVClient(calls).TxnAsync(request, cancellationToken: token), repeatable: false, cancellationToken);
        return response.Succeeded ? response.Header.Revision : null;
    }

    /// <summary>Asks whether etcd answers a linearizable read.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => RangeAsync(new() { Key = ByteString.CopyFromUtf8("/registry/health") }, cancellationToken);

    /// <summary>etcd's way to say "every key that begins so": the prefix with its last byte one greater.</summary>
    public static ByteString EndOf(string prefix)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(prefix);
        bytes[^1]++;
        return ByteString.CopyFrom(bytes);
    }

    private Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellationToken) =>
        connection.CallAsync((calls, token) => new KV.KVClient(calls).RangeAsync(request, cancellationToken: token), repeatable: true, cancellationToken);

    private static EtcdRecord Record(KeyValue kv) => new(kv.Key.ToStringUtf8(), kv.Value.ToStringUtf8(), kv.ModRevision);
}
