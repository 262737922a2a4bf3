using System.Net.Sockets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.States;

/// <summary>Tells from a failed call to the state's etcd what was wrong, and what to look at.</summary>
internal static class StateTroubles
{
    /// <summary>Whether an exception is a call's failure and not a bug.</summary>
    public static bool IsFailure(Exception problem) => problem is RpcException or HttpRequestException or IOException or OperationCanceledException;

    /// <summary>In a few words, for one endpoint.</summary>
    public static string Words(Exception problem, Uri endpoint, TimeSpan limit)
    {
        var chain = Chain(problem).ToList();
        return $"{endpoint.Host}:{endpoint.Port}: {Reason(problem, chain, endpoint, limit)}";
    }

    private static string Reason(Exception problem, List<Exception> chain, Uri endpoint, TimeSpan limit)
    {
        if (chain.OfType<SocketException>().FirstOrDefault() is { SocketErrorCode: not SocketError.ConnectionReset } socket)
        {
            return socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused: nobody listens",
                SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => "the name has no address",
                _ => socket.Message,
            };
        }

        if (problem is RpcException { Status.Detail: ['e', 't', 'c', 'd', 's', 'e', 'r', 'v', 'e', 'r', ..] } answered)
        {
            return $"it answers '{answered.Status.Detail}'";
        }

        if (problem is RpcException { StatusCode: StatusCode.DeadlineExceeded or StatusCode.Cancelled } or OperationCanceledException)
        {
            return $"no answer within {limit.TotalSeconds:0} s: it hangs, is cut off, or has no quorum";
        }

        // With TLS 1.3 a server that does not take the client's certificate says so after the handshake, and that comes as a connection that broke.
        var last = (chain.FindLast(link => link is not ObjectDisposedException) ?? problem).Message.ReplaceLineEndings(" ").TrimEnd('.');
        return endpoint.Scheme == Uri.UriSchemeHttps
            ? $"no connection with TLS ({last}): either its certificate is none of the ca.crt in --state-pki for this address, or it does not take client.crt from there, or it speaks no TLS (then it is etcd+insecure://)"
            : $"no connection without TLS ({last}): perhaps it speaks TLS (then it is etcd://)";
    }

    private static IEnumerable<Exception> Chain(Exception? problem)
    {
        while (problem is not null)
        {
            yield return problem;
            problem = problem is RpcException { InnerException: null, Status.DebugException: { } inner } ? inner : problem.InnerException;
        }
    }
}
