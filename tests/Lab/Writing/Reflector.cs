using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Lab.Writing;

/// <summary>A client that lists once and then watches from where it is, as Kubernetes' reflectors do: cut off, it goes on after the last revision that it has
/// seen; told that this one is compacted, it lists anew. No revision that it is shown may be smaller than one before.</summary>
internal sealed class Reflector(IReadOnlyList<string> endpoints, string clientFolder, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    private readonly List<string> _wentBack = [];
    private long _last;
    private int _events;
    private int _lists;
    private int _compacted;

    /// <summary>Watches until cancelled.</summary>
    public async Task<ReflectorReport> RunAsync(string prefix, CancellationToken cancellationToken)
    {
        var channels = endpoints.Select(endpoint => GrpcChannel.ForAddress(endpoint, new() { HttpHandler = EtcdTargets.Handler(clientFolder, ""), DisposeHttpClient = true, MaxReceiveMessageSize = null })).ToList();
        var listed = false;
        for (var turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            var calls = channels[turn % channels.Count].CreateCallInvoker();
            try
            {
                listed = listed || await ListAsync(calls, prefix, cancellationToken);
                listed = await WatchAsync(calls, prefix, cancellationToken);
            }
            catch (RpcException)
            {
                // This member does not answer: the next one.
            }

            await Task.Delay(Breath, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        channels.ForEach(channel => channel.Dispose());
        return new() { Events = _events, Lists = _lists, Compacted = _compacted, LastRevision = _last, WentBack = _wentBack };
    }

    private async Task<bool> ListAsync(CallInvoker calls, string prefix, CancellationToken cancellationToken)
    {
        var all = await new KV.KVClient(calls).RangeAsync(
            new() { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EtcdTarget.EndOf(prefix) }, deadline: time.GetUtcNow().UtcDateTime + Patience, cancellationToken: cancellationToken);
        _lists++;
        See(all.Header.Revision, "a list");
        return true;
    }

    /// <summary>Until it is cut off; false when it must list anew.</summary>
    private async Task<bool> WatchAsync(CallInvoker calls, string prefix, CancellationToken cancellationToken)
    {
        using var call = new Watch.WatchClient(calls).Watch(cancellationToken: cancellationToken);
        await call.RequestStream.WriteAsync(
            new() { CreateRequest = new() { Key = ByteString.CopyFromUtf8(prefix), RangeEnd = EtcdTarget.EndOf(prefix), StartRevision = _last + 1, ProgressNotify = true } }, cancellationToken);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            var response = call.ResponseStream.Current;
            if (response.CompactRevision > 0)
            {
                _compacted++;
                return false;
            }

            if (response.Canceled)
            {
                return true;
            }

            foreach (var happened in response.Events)
            {
                _events++;
                See(happened.Kv.ModRevision, "an event");
            }
        }

        return true;
    }

    private void See(long revision, string what)
    {
        if (revision < _last)
        {
            _wentBack.Add($"{what} at revision {revision}, after {_last}");
        }

        _last = revision;
    }
}
