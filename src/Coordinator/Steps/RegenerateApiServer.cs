using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Lets kubeadm write this node's apiserver manifest anew, with all etcd endpoints (A6, D10).</summary>
internal sealed record RegenerateApiServer(FleetNode Node) : NodeStep(Node)
{
    private static readonly TimeSpan Work = TimeSpan.FromMinutes(3);

    public override string Name => "regenerate-api-server";

    public override string Summary => "keep the apiserver's manifest, and let kubeadm write it with all etcd endpoints";

    public override Undo Undo => Undo.By("put the kept manifest back, and wait for the apiserver that it describes");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new RegenerateApiServerRequest { Operation = context.Operation, External = new(), Patches = context.Fleet.Kubernetes.Patches };
        request.External.Endpoints.AddRange(context.Fleet.EtcdEndpoints);
        var response = await Agent(context).ApiServers.RegenerateApiServerAsync(request, deadline: Deadline(context, Work), cancellationToken: cancellationToken);
        return From(response.Change, ("kept_sha256", response.Kept?.Sha256 ?? ""), ("sha256", response.Manifest?.Sha256 ?? ""));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).ApiServers.RestoreApiServerAsync(new() { Operation = context.Operation }, cancellationToken: cancellationToken);
        var limit = context.Options.ApiServerRestart;
        await Agent(context).ApiServers.AwaitApiServerAsync(new() { TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit), cancellationToken: cancellationToken);
        return From(response.Change, ("restored_sha256", response.Restored?.Sha256 ?? ""));
    }
}
