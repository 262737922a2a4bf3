using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>Every other apiserver is ready before this node's is restarted: they are never all down (FACTS 15).</summary>
internal sealed record OtherApiServersReady(FleetNode Node) : Gate
{
    public override string Name => "other-api-servers-ready";

    public override string Summary => "every other apiserver is ready";

    public override Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken) =>
        ApiServerWord.AskAsync(context, [.. context.Fleet.ControlPlane.Where(node => node != Node)], cancellationToken);

    protected override TimeSpan Deadline(RunOptions options) => ApiServerWord.Deadline(options);
}
