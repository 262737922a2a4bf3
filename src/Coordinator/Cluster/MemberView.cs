using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>What one node's member says of itself and of the cluster, or why it says nothing.</summary>
internal sealed record MemberView(FleetNode Node, GetMemberResponse? Member, string Problem)
{
    public bool Healthy => Problem.Length == 0;

    /// <summary>Asks every control-plane node's own member, all at a time.</summary>
    public static async Task<IReadOnlyList<MemberView>> OfAllAsync(StepContext context, CancellationToken cancellationToken) =>
        await Task.WhenAll(context.Fleet.ControlPlane.Select(node => OfAsync(context, node, cancellationToken)));

    /// <summary>Asks one node's own member. An agent that does not answer is an answer as well: a gate says so and asks again.</summary>
    public static async Task<MemberView> OfAsync(StepContext context, FleetNode node, CancellationToken cancellationToken)
    {
        try
        {
            var member = await context.Agents.On(node).Members.GetMemberAsync(new(), cancellationToken: cancellationToken);
            return new(node, member, member.Problem);
        }
        catch (AgentCallException silent)
        {
            return new(node, null, silent.Message);
        }
    }
}
