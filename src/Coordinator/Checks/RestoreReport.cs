using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What one node says of restores, or null where it does not answer.</summary>
internal sealed record RestoreReport(FleetNode Node, GetRestoreResponse? Told)
{
    public static async Task<IReadOnlyList<RestoreReport>> OfAllAsync(Fleet fleet, IAgents agents, CancellationToken cancellationToken) =>
        await Task.WhenAll(fleet.ControlPlane.Select(async node =>
        {
            try
            {
                return new RestoreReport(node, await agents.On(node).Restores.GetRestoreAsync(new(), cancellationToken: cancellationToken));
            }
            catch (AgentCallException)
            {
                return new RestoreReport(node, null); // the agent's own check says so
            }
        }));
}
