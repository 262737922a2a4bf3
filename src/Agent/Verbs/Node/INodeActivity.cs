namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>What the agent is doing.</summary>
internal interface INodeActivity
{
    /// <summary>The mutating verb at work, with its run; empty when none.</summary>
    string Holder { get; }
}
