using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Moves etcd's static Pod manifest out of the kubelet's sight (A3).</summary>
internal sealed record StashManifest(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "stash-manifest";

    public override string Summary => "stash etcd's static Pod manifest";

    public override Undo Undo => Undo.By("put the manifest back");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Manifests.StashManifestAsync(
            new() { Operation = context.Operation, Component = Component.Etcd, AcceptDowntime = context.Options.AcceptDowntime }, cancellationToken: cancellationToken);
        return From(response.Change, ("stashed", response.Stashed.Path), ("sha256", response.Stashed.Sha256));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await WithoutUnitAsync(context, async operation => await Agent(context).Manifests.RestoreManifestAsync(
            new() { Operation = operation, Component = Component.Etcd }, cancellationToken: cancellationToken));
        return From(response.Change, ("restored", response.Restored?.Path ?? ""), ("sha256", response.Restored?.Sha256 ?? ""));
    }
}
