using System.Net.Sockets;
using Grpc.Core;

namespace EtcdFleet.Lab.StandIns.ApiServer.Etcd;

/// <summary>All endpoints of etcd as one, in the manner of etcd's Go client: in turn, past those that cannot be reached, and waiting while none can (FACTS 15).</summary>
internal sealed class EtcdConnection : IDisposable
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);
    private readonly IReadOnlyList<EtcdEndpoint> _endpoints;
    private readonly TimeProvider _time;
    private int _turn;

    public EtcdConnection(ApiServerOptions options, TimeProvider time)
    {
        _time = time;
        _endpoints = [.. options.EtcdServers.Select(url => new EtcdEndpoint(url, options, time))];
    }

    /// <summary>The endpoint whose turn it is, of those that can be reached if there are any.</summary>
    public EtcdEndpoint Next()
    {
        var turn = (int)((uint)Interlocked.Increment(ref _turn) % _endpoints.Count);
        return Enumerable.Range(0, _endpoints.Count).Select(i => _endpoints[(turn + i) % _endpoints.Count]).FirstOrDefault(e => e.IsUp) ?? _endpoints[turn];
    }

    /// <summary>Calls etcd. A write is sent again only when it certainly was not taken: nobody was there to send it to.</summary>
    /// <param name="repeatable">The call only reads.</param>
    /// <exception cref="RpcException">etcd refused, or it is not known what became of a write.</exception>
    /// <exception cref="OperationCanceledException">No endpoint could be reached until then.</exception>
    public async Task<T> CallAsync<T>(Func<CallInvoker, CancellationToken, AsyncUnaryCall<T>> call, bool repeatable, CancellationToken cancellationToken)
    {
        while (true)
        {
            var endpoint = Next();
            try
            {
                using var running = call(endpoint.Calls, cancellationToken);
                return await running.ResponseAsync;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Status.Detail, e, cancellationToken);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable && (repeatable || WasNeverSent(e)))
            {
                endpoint.WentDown();
            }

            if (!_endpoints.Any(e => e.IsUp))
            {
                await Task.Delay(Breath, _time, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var endpoint in _endpoints)
        {
            endpoint.Dispose();
        }
    }

    /// <summary>A channel that cannot connect says so with the socket's error; HTTP says what went wrong afterwards.</summary>
    private static bool WasNeverSent(RpcException e) => e.Status.DebugException is SocketException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
    };
}
