using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>Everything that one node says about itself, or why it says nothing: what the checks are computed from.</summary>
internal sealed record NodeReport
{
    public required FleetNode Node { get; init; }

    public GetNodeResponse? Facts { get; init; }

    public GetMemberResponse? Member { get; init; }

    /// <summary>Why the agent did not answer; empty when it did.</summary>
    public string AgentProblem { get; init; } = "";

    /// <summary>Why the static Pod cannot be carried over into etcd.env; empty when it can.</summary>
    public string EnvProblem { get; init; } = "";

    /// <summary>When the facts were asked for, by the coordinator's clock, for the comparison of clocks.</summary>
    public DateTimeOffset AskedAt { get; init; }

    /// <summary>The static Pod's manifest is in use.</summary>
    public bool Stacked => Facts?.EtcdPod.Place == StaticPod.Types.Place.InUse;

    /// <summary>systemd runs etcd here.</summary>
    public bool Migrated => Facts?.EtcdPod.Place == StaticPod.Types.Place.Stashed && EtcdUnit?.Active == "active";

    /// <summary>A run ended in the middle of this node: the manifest is stashed, and etcd not yet up under systemd.</summary>
    public bool HalfWay => Facts?.EtcdPod.Place == StaticPod.Types.Place.Stashed && EtcdUnit?.Active != "active";

    public Unit? EtcdUnit => Facts?.Units.FirstOrDefault(unit => unit.Name == "etcd.service");

    /// <summary>Asks all control-plane nodes at a time. Workers are never asked (IR-2).</summary>
    public static async Task<IReadOnlyList<NodeReport>> OfAllAsync(Fleet fleet, IAgents agents, TimeProvider time, CancellationToken cancellationToken) =>
        await Task.WhenAll(fleet.ControlPlane.Select(node => OfAsync(node, agents.On(node), time, cancellationToken)));

    private static async Task<NodeReport> OfAsync(FleetNode node, IAgent agent, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var asked = time.GetUtcNow();
            var facts = agent.Nodes.GetNodeAsync(new(), cancellationToken: cancellationToken);
            var member = agent.Members.GetMemberAsync(new(), cancellationToken: cancellationToken);
            return new() { Node = node, Facts = await facts, Member = await member, EnvProblem = await EnvProblemAsync(agent, cancellationToken), AskedAt = asked };
        }
        catch (AgentCallException silent)
        {
            return new() { Node = node, AgentProblem = silent.Message };
        }
    }

    private static async Task<string> EnvProblemAsync(IAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            await agent.EtcdEnv.RenderEtcdEnvAsync(new(), cancellationToken: cancellationToken);
            return "";
        }
        catch (AgentCallException refused) when (!refused.Unknown)
        {
            return refused.Message;
        }
    }
}
