using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>How far the way back of a node is: the opposite of <see cref="CutOverLook"/>.</summary>
internal sealed record CutBackLook(FleetNode Node) : LaneLook
{
    public override async Task<LaneState> AskAsync(StepContext context, CancellationToken cancellationToken) => await new CutOverLook(Node).AskAsync(context, cancellationToken) switch
    {
        LaneState.Done => LaneState.Untouched,
        LaneState.Begun => LaneState.Begun,
        _ => LaneState.Done,
    };
}
