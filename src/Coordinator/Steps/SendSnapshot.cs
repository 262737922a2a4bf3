using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Brings the run's snapshot to another node as well, so that it outlives the one that took it.</summary>
internal sealed record SendSnapshot(FleetNode Node) : NodeStep(Node)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public override string Name => "send-snapshot";

    public override string Summary => "copy it to this node's /var/backups/etcd, its SHA-256 recomputed there";

    public override Undo Undo => Undo.NotNeeded("a copy harms nobody");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var taken = TakenSnapshots.Of(context.RunFolder);
        if (taken.Node == Node.Name)
        {
            return Receipt.Unchanged("it was taken here");
        }

        await using var source = File.OpenRead(taken.Path);
        var received = await SnapshotSending.SendAsync(
            Agent(context), context.Operation, taken.Facts.Message(), source, done => context.Report("sending", done, taken.Facts.Size), Deadline(context, Limit), cancellationToken);
        return From(received.Change, ("sha256", received.Snapshot.Sha256));
    }
}
