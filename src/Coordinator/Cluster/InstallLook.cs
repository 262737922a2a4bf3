using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>Whether systemd's etcd still is to be installed on a node (A2). Once the manifest is stashed it is all that this node has left:
/// nothing is installed beside it, and nothing of it is taken away by an undo.</summary>
internal sealed record InstallLook(FleetNode Node) : LaneLook
{
    public override async Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var facts = await context.Agents.On(Node).Nodes.GetNodeAsync(new(), cancellationToken: cancellationToken);
        return facts.EtcdPod.Place == StaticPod.Types.Place.Stashed ? LaneState.Done : LaneState.Untouched;
    }
}
