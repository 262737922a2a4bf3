using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Gives the data dir and the two keys to etcd's user (A3); ownership changes here and nowhere else (IR-5).</summary>
internal sealed record ChownEtcdFiles(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "chown-etcd-files";

    public override string Summary => "give the data dir to etcd:etcd, and let its group read server.key and peer.key";

    public override Undo Undo => Undo.By("give every file its former owner and mode");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await WithoutUnitAsync(context, async operation => await Agent(context).Ownership.ChownEtcdFilesAsync(new() { Operation = operation }, cancellationToken: cancellationToken));
        return From(response.Change, ("files", $"{response.Files}"));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await WithoutUnitAsync(context, async operation => await Agent(context).Ownership.RestoreEtcdOwnersAsync(new() { Operation = operation }, cancellationToken: cancellationToken));
        return From(response.Change, ("files", $"{response.Files}"));
    }
}
