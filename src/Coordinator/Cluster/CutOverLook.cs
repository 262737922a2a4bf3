using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>How far the cutover of a node is (A3): the manifest's place and the unit's state say.</summary>
internal sealed record CutOverLook(FleetNode Node) : LaneLook
{
    public override async Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var facts = await context.Agents.On(Node).Nodes.GetNodeAsync(new(), cancellationToken: cancellationToken);
        return facts.EtcdPod.Place switch
        {
            StaticPod.Types.Place.Stashed when facts.Units.Any(unit => unit is { Name: "etcd.service", Active: "active" }) => LaneState.Done,
            StaticPod.Types.Place.Stashed => LaneState.Begun,
            _ => LaneState.Untouched,
        };
    }
}
