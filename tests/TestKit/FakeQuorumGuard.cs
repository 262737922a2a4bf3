using EtcdFleet.Agent;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Members;

namespace EtcdFleet.TestKit;

/// <summary>Says yes, or no where a test gives a reason.</summary>
internal sealed class FakeQuorumGuard : IQuorumGuard
{
    public string? Refusal { get; set; }

    /// <summary>What it breaks with, as code with a bug does.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Where each question waits; null answers at once.</summary>
    public Standstill? Standstill { get; set; }

    /// <summary>What each question said of downtime.</summary>
    public IList<bool> Asked { get; } = [];

    public async Task EnsureMayStopAsync(bool acceptDowntime, CancellationToken cancellationToken)
    {
        Asked.Add(acceptDowntime);
        if (Standstill is { } standstill)
        {
            await standstill.PassAsync().WaitAsync(cancellationToken);
        }

        if (Failure is not null)
        {
            throw Failure;
        }

        if (Refusal is not null)
        {
            throw new AgentFault(FaultReason.Quorum, Refusal);
        }
    }
}
