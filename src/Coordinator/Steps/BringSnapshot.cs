using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Brings the snapshot to a node; its agent names it only once its SHA-256 is right.</summary>
internal sealed record BringSnapshot(FleetNode Node, LocalSnapshot Snapshot) : NodeStep(Node)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public override string Name => "bring-snapshot";

    public override string Summary => $"bring {Snapshot.Facts.Name} to the node, verified";

    public override Undo Undo => Undo.NotNeeded("a snapshot harms nobody");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken)
    {
        var there = await Agent(context).Snapshots.ListSnapshotsAsync(new(), cancellationToken: cancellationToken);
        return there.Snapshots.Any(snapshot => snapshot.Name == Snapshot.Facts.Name && snapshot.Sha256 == Snapshot.Facts.Sha256)
            ? new Look.AlreadyDone(Receipt.Unchanged($"{Snapshot.Facts.Name} is on the node"))
            : Look.Needed.Instance;
    }

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (!File.Exists(Snapshot.Path))
        {
            throw new StepFault($"{Snapshot.Path} is not there any more, expected the snapshot with SHA-256 {Snapshot.Facts.Sha256}: put it back, and begin again", refused: true);
        }

        await using var content = File.OpenRead(Snapshot.Path);
        var answer = await SnapshotSending.SendAsync(
            Agent(context), context.Operation, Snapshot.Facts, content, sent => context.Report("sending", sent, Snapshot.Facts.Size), Deadline(context, Limit), cancellationToken);
        return From(answer.Change, ("sha256", answer.Snapshot.Sha256));
    }
}
