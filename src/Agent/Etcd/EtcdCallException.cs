using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Etcd;

/// <summary>A call to a member failed. The message names the endpoint and says what was seen.</summary>
internal sealed class EtcdCallException(EtcdTrouble trouble, Uri endpoint, string message, Exception? inner = null)
    : Exception($"{endpoint.GetLeftPart(UriPartial.Authority)}: {message}", inner)
{
    public EtcdTrouble Trouble { get; } = trouble;

    /// <summary>What a verb that cannot go on without the answer tells its caller.</summary>
    public AgentFault ToFault(string expected) => new(
        Trouble == EtcdTrouble.Answered ? FaultReason.MemberUnhealthy : FaultReason.MemberUnreachable, $"{Message}; {expected}", this);
}
