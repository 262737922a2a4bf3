using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;

namespace EtcdFleet.Agent.Etcd;

/// <summary>Tells from a failed call what was wrong.</summary>
internal static class EtcdTroubles
{
    /// <summary>Whether an exception is a call's failure and not a bug.</summary>
    public static bool IsFailure(Exception problem) => problem is RpcException or OperationCanceledException or HttpRequestException or IOException;

    public static EtcdCallException Explain(Exception problem, Uri endpoint, string what, TimeSpan limit)
    {
        var chain = Chain(problem).ToList();
        if (chain.OfType<AuthenticationException>().FirstOrDefault() is { } refused)
        {
            return new(EtcdTrouble.Identity, endpoint, $"TLS failed at {what}: {refused.Message}", problem);
        }

        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            return socket.SocketErrorCode == SocketError.ConnectionRefused
                ? new(EtcdTrouble.Refused, endpoint, "connection refused: nobody listens", problem)
                : new(EtcdTrouble.Unreachable, endpoint, $"{what}: {socket.Message}", problem);
        }

        if (chain.Exists(link => link is OperationCanceledException or TimeoutException) || problem is RpcException { StatusCode: StatusCode.Cancelled or StatusCode.DeadlineExceeded })
        {
            return new(EtcdTrouble.TimedOut, endpoint, $"no answer to {what} within {limit.TotalSeconds:0} s", problem);
        }

        return problem is RpcException { StatusCode: not (StatusCode.Unavailable or StatusCode.Internal) } or RpcException { Status.Detail: ['e', 't', 'c', 'd', 's', 'e', 'r', 'v', 'e', 'r', ..] }
            ? new(EtcdTrouble.Answered, endpoint, $"{what}: {((RpcException)problem).Status.Detail}", problem)
            : new(EtcdTrouble.Unreachable, endpoint, $"{what}: {chain[^1].Message}", problem);
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
