using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>The fleet's agents.</summary>
internal interface IAgents
{
    /// <summary>The agent of a node. Opening it costs nothing; the first call connects.</summary>
    IAgent On(FleetNode node);
}

/// <summary>One agent: the generated clients over one channel of mutual TLS.</summary>
internal interface IAgent
{
    FleetNode Node { get; }

    /// <summary>For the generated clients: <c>new ManifestService.ManifestServiceClient(agent.Invoker)</c>.</summary>
    /// <remarks>A status of the agent comes out as a <see cref="AgentCallException"/>; nothing is retried here.</remarks>
    CallInvoker Invoker { get; }
}
