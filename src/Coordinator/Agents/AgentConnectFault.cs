using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>No connection to an agent came about. Nothing was sent, so nothing was changed.</summary>
/// <param name="code">Unavailable: nobody there. Unauthenticated: somebody, but not who was expected, or not for us.</param>
/// <param name="message">What was found, what was expected, what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class AgentConnectFault(StatusCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public StatusCode Code { get; } = code;

    /// <summary>The fault among an exception's causes, or null.</summary>
    public static AgentConnectFault? Within(Exception? error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is AgentConnectFault fault)
            {
                return fault;
            }
        }

        return null;
    }
}
