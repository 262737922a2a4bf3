using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>The fleet's agents for as long as a run has its lease.</summary>
internal sealed class LeasedAgents(IAgents agents, RunLease lease, Engine.Run run, TimeProvider time) : IAgents
{
    /// <summary>Of the lease, as it is now.</summary>
    public ulong Fence => lease.Fence;

    public IAgent On(FleetNode node)
    {
        var agent = agents.On(node);
        return new LeasedAgent(node, agent.Invoker.Intercept(new LeasedCalls(lease, run.Options.LeaseTtl, time)));
    }

    private sealed record LeasedAgent(FleetNode Node, CallInvoker Invoker) : IAgent;
}
