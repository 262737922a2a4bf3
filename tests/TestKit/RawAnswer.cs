using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>How a <see cref="RawRpc"/> ended.</summary>
/// <param name="Code">OK also where the caller had enough before the end.</param>
/// <param name="Reason">Of the agent's own faults.</param>
/// <param name="Text">The status's message.</param>
/// <param name="Messages">What came before the end, as bytes.</param>
/// <param name="Cause">What broke the connection; null when the agent has answered.</param>
internal sealed record RawAnswer(StatusCode Code, FaultReason Reason, string Text, IReadOnlyList<byte[]> Messages, Exception? Cause)
{
    /// <summary>It ended in the handshake, not with an answer.</summary>
    public bool Cut => Cause is HttpRequestException or IOException;
}
