using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What one node says about its apiserver and about kubeadm's configuration, or why it cannot.</summary>
internal sealed record KubernetesReport
{
    public required FleetNode Node { get; init; }

    public GetApiServerResponse? ApiServer { get; init; }

    /// <summary>What kubeadm would write as the apiserver's manifest; null where it was not asked for, or could not be told.</summary>
    public RenderApiServerResponse? Rendering { get; init; }

    /// <summary>Only of the leader.</summary>
    public GetClusterConfigurationResponse? Configuration { get; init; }

    /// <summary>Why something of this was not told; empty when all was.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Asks all control-plane nodes at a time.</summary>
    /// <param name="fleet">The inventory.</param>
    /// <param name="agents">Its agents.</param>
    /// <param name="render">Also let kubeadm rehearse the apiserver's manifest, which takes an operator.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IReadOnlyList<KubernetesReport>> OfAllAsync(Fleet fleet, IAgents agents, bool render, CancellationToken cancellationToken) =>
        await Task.WhenAll(fleet.ControlPlane.Select(node => OfAsync(fleet, node, agents.On(node), render, cancellationToken)));

    private static async Task<KubernetesReport> OfAsync(Fleet fleet, FleetNode node, IAgent agent, bool render, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var external = new ExternalEtcd { Endpoints = { fleet.EtcdEndpoints } };
        var apiServer = TryAsync(async () => await agent.ApiServers.GetApiServerAsync(new(), cancellationToken: cancellationToken), problems);
        var rendering = render ? TryAsync(async () => await agent.ApiServers.RenderApiServerAsync(new() { External = external, Patches = fleet.Kubernetes.Patches }, cancellationToken: cancellationToken), problems) : Task.FromResult<RenderApiServerResponse?>(null);
        var configuration = node.IsLeader || fleet.Leader == node ? TryAsync(async () => await agent.Kubeadm.GetClusterConfigurationAsync(new() { External = external }, cancellationToken: cancellationToken), problems) : Task.FromResult<GetClusterConfigurationResponse?>(null);
        return new() { Node = node, ApiServer = await apiServer, Rendering = await rendering, Configuration = await configuration, Problems = [.. problems.Distinct()] };
    }

    private static async Task<T?> TryAsync<T>(Func<Task<T>> ask, List<string> problems)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (AgentCallException failed)
        {
            lock (problems)
            {
                problems.Add(failed.Message);
            }

            return null;
        }
    }
}
