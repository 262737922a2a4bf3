namespace EtcdFleet.TestKit;

/// <summary>The end of the agent, in the middle of a verb: nobody in the agent catches it.</summary>
public sealed class AgentDiedException : Exception;
