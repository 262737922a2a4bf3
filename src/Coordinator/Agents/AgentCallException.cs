using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>An agent refused, failed or did not answer.</summary>
/// <param name="node">Which.</param>
/// <param name="code">gRPC's status code.</param>
/// <param name="reason">The agent's reason; unspecified where the call did not get as far as a verb.</param>
/// <param name="message">As the agent said it, or what went wrong on the way and what to do.</param>
/// <param name="inner">The call's own exception.</param>
internal sealed class AgentCallException(string node, StatusCode code, FaultReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public string Node { get; } = node;

    public StatusCode Code { get; } = code;

    public FaultReason Reason { get; } = reason;

    /// <summary>The verb said no before it changed anything.</summary>
    public bool Refused => Code is StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.PermissionDenied or StatusCode.Unauthenticated or StatusCode.Aborted;

    /// <summary>Nobody knows whether the verb has run: the connection broke, or the time ran out, before an agent gave its reason.</summary>
    public bool Unknown => Reason == FaultReason.Unspecified && Code is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled or StatusCode.Unknown;
}
