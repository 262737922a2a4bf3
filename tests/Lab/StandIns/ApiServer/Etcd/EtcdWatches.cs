using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.Lab.StandIns.ApiServer.Etcd;

/// <summary>Holds watches open at etcd, one stream for each kind of object, as an apiserver's caches do. etcd's stop waits for them (FACTS 1).</summary>
internal sealed class EtcdWatches(EtcdConnection connection, TimeProvider time)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Kinds = ["configmaps", "leases", "minions", "pods", "secrets"];

    /// <summary>Watches until cancelled; a watch that is cut is taken up again, at the next endpoint.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Kinds.Select(k => WatchAsync($"/registry/{k}/", cancellationToken)));

    private async Task WatchAsync(string prefix, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var call = new Watch.WatchClient(connection.Next().Calls).Watch(cancellationToken: cancellationToken);
                await call.RequestStream.WriteAsync(new() { CreateRequest = new() { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EtcdRecords.EndOf(prefix), ProgressNotify = true } }, cancellationToken);
                while (await call.ResponseStream.MoveNext(cancellationToken))
                {
                    // What it says is not needed: this apiserver reads from etcd itself.
                }
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException)
            {
                // etcd has gone, or this apiserver does.
            }

            try
            {
                await Task.Delay(Again, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
