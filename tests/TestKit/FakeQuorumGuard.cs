using EtcdFleet.Agent;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Members;

namespace EtcdFleet.TestKit;

/// <summary>Says yes, or no where a test gives a reason.</summary>
internal sealed class FakeQuorumGuard : IQuorumGuard
{
    public string? Refusal { get; set; }

    /// <summary>What each question said of downtime.</summary>
    public IList<bool> Asked { get; } = [];

    public Task EnsureMayStopAsync(bool acceptDowntime, CancellationToken cancellationToken)
    {
        Asked.Add(acceptDowntime);
        return Refusal is null ? Task.CompletedTask : throw new AgentFault(FaultReason.Quorum, Refusal);
    }
}
