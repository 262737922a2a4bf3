namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>The node's name from agent.yaml; empty where it has none, then the host's name counts.</summary>
internal sealed record NodeName(string Configured);
