using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent;

/// <summary>A verb was refused or failed, for a reason that the caller can act on.</summary>
/// <remarks>One interceptor turns it into a gRPC status with the reason in its details. The message says what was found, what was
/// expected and what to do. Everything else that is thrown is a bug or broken I/O.</remarks>
internal sealed class AgentFault(FaultReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public FaultReason Reason { get; } = reason;
}
