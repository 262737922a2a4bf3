using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Restores a snapshot aside on its node, starts it, and compares it with the cluster. The cluster itself is only asked.</summary>
/// <param name="Node">Where the snapshot lies.</param>
/// <param name="Snapshot">Its name; empty: the newest on the node.</param>
internal sealed record DrillSnapshot(FleetNode Node, string Snapshot) : NodeStep(Node)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(40);

    public override string Name => "drill-snapshot";

    public override string Summary => $"restore {(Snapshot.Length == 0 ? "the newest snapshot" : Snapshot)} aside, start etcd from it, compare its content with the cluster's, and take all of it away";

    public override Undo Undo => Undo.NotNeeded("nothing of it is left");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var name = Snapshot.Length > 0 ? Snapshot : await NewestAsync(context, cancellationToken);
        using var call = Agent(context).Snapshots.DrillSnapshot(new() { Operation = context.Operation, Name = name }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken);
        DrilledSnapshot? drilled = null;
        await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (message.StepCase == DrillSnapshotResponse.StepOneofCase.Progress)
            {
                context.Report(message.Progress.Doing, message.Progress.Done, message.Progress.Total);
            }

            drilled = message.Result ?? drilled;
        }

        return drilled is null
            ? throw new StepFault($"the agent on {Node} ended the call without a result, expected one: look at its journal")
            : From(drilled.Change, ("name", name), ("comparison", Word(drilled.Comparison)), ("hash", $"{drilled.Restored.Hash}"), ("revision", $"{drilled.Restored.Revision}"), ("etcd", drilled.EtcdVersion));
    }

    /// <summary>As it stands in journals.</summary>
    private static string Word(DrillComparison comparison) => comparison switch
    {
        DrillComparison.Live => "live",
        DrillComparison.Recorded => "recorded",
        DrillComparison.Keys => "keys",
        _ => "unknown",
    };

    private async Task<string> NewestAsync(StepContext context, CancellationToken cancellationToken)
    {
        var found = await Agent(context).Snapshots.ListSnapshotsAsync(new(), cancellationToken: cancellationToken);
        return found.Snapshots.FirstOrDefault(snapshot => snapshot.Problem.Length == 0)?.Name
            ?? throw new StepFault($"there is no snapshot on {Node}, expected one: take one with 'etcdfleet snapshot save', or name another node with --node", refused: true);
    }
}
