using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>What the agent is doing.</summary>
internal interface INodeActivity
{
    /// <summary>The mutating verb at work, with its run; empty when none.</summary>
    string Holder { get; }

    /// <summary>Verbs that an agent died in, and what became of them; the newest first, of the last days.</summary>
    IReadOnlyList<SettledOperation> Settled { get; }
}
