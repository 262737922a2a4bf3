using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Runs;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Takes the mandatory snapshot (A1), verified on the node, and brings a copy to the coordinator, verified again.</summary>
/// <remarks>Verified means: its digest recomputed, and opened with etcdutl. Any other does not count.</remarks>
internal sealed record TakeSnapshot : Step
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <summary>The node whose member is asked; null: a healthy follower.</summary>
    public FleetNode? From { get; init; }

    /// <summary>Of a copy of <see cref="From"/>'s data dir: its member is stopped, and has no quorum.</summary>
    public bool FromDisk { get; init; }

    /// <summary>The coordinator's folder for the copy; empty: the run's own.</summary>
    public string Folder { get; init; } = "";

    public override string Name => "take-snapshot";

    public override string Summary => $"take a snapshot of {(From is null ? "a healthy member" : FromDisk ? $"a copy of {From}'s data dir" : $"{From}'s member")}, verify it, and copy it to the coordinator{(Folder.Length == 0 ? "" : $": {Folder}")}";

    public override Undo Undo => Undo.NotNeeded("a snapshot harms nobody");

    public override bool Prepares => true;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var node = From ?? await ChooseAsync(context, cancellationToken);
        if (node is null)
        {
            // For a run of its own (A1). Who asks for a snapshot by itself wants a new one, and is told that there is none.
            return Folder.Length == 0 && HalfWayRun.Find(context) is { Snapshot: { } earlier, Run: var run }
                ? new(false, $"the only member does not serve: run {run} left it half-way, and the snapshot that it took before counts: {earlier.Summary}", earlier.Facts ?? new Dictionary<string, string>())
                : throw new StepFault("no member is healthy, expected at least one to take the snapshot from: look at 'etcdfleet status'", refused: true);
        }

        var snapshot = await TakeAsync(context, node, cancellationToken);
        var copy = await CopyAsync(context, node, snapshot, cancellationToken);
        TakenSnapshots.Note(context.RunFolder, new(node.Name, copy, CopyFacts.Of(snapshot)));
        return Receipt.Did(
            $"{snapshot.Name} on {node}, {snapshot.Size.ToString(CultureInfo.InvariantCulture)} bytes, revision {snapshot.Revision}, opened by {snapshot.OpenedBy}; copied to the coordinator",
            ("node", node.Name), ("name", snapshot.Name), ("sha256", snapshot.Sha256), ("revision", $"{snapshot.Revision}"), ("opened_by", snapshot.OpenedBy), ("copy", copy));
    }

    /// <summary>A healthy follower where there is one: the leader has enough to do. Null: nobody is healthy.</summary>
    private static async Task<FleetNode?> ChooseAsync(StepContext context, CancellationToken cancellationToken)
    {
        FleetNode? leader = null;
        foreach (var node in context.Fleet.ControlPlane)
        {
            var member = await context.Agents.On(node).Members.GetMemberAsync(new(), cancellationToken: cancellationToken);
            if (member.Problem.Length == 0 && member.LeaderId != member.MemberId)
            {
                return node;
            }

            leader = member.Problem.Length == 0 ? node : leader;
        }

        return leader;
    }

    private async Task<Snapshot> TakeAsync(StepContext context, FleetNode node, CancellationToken cancellationToken)
    {
        using var call = context.Agents.On(node).Snapshots.TakeSnapshot(
            new() { Operation = context.Operation, FromDisk = FromDisk }, deadline: context.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
        Snapshot? taken = null;
        await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (message.StepCase == TakeSnapshotResponse.StepOneofCase.Progress)
            {
                context.Report(message.Progress.Doing, message.Progress.Done, message.Progress.Total);
            }

            taken = message.Result?.Snapshot ?? taken;
        }

        return taken switch
        {
            { Verified: true } => taken,
            { OpenedBy.Length: 0, Problem.Length: 0 } => throw new StepFault($"the digest of {taken.Name} on {node} is right, and nobody has opened it: there is no etcdutl on {node}, neither installed nor in the agent's cache; expected a snapshot that was opened. Let a release be fetched (etcd.version in the inventory), then run it again"),
            { Problem: var problem } => throw new StepFault($"the agent on {node} has no verified snapshot to show: {problem}, expected one: look at its journal"),
            null => throw new StepFault($"the agent on {node} has no snapshot to show, expected one: look at its journal"),
        };
    }

    private async Task<string> CopyAsync(StepContext context, FleetNode node, Snapshot snapshot, CancellationToken cancellationToken)
    {
        using var call = context.Agents.On(node).Snapshots.ReadSnapshot(
            new() { Name = snapshot.Name }, deadline: context.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
        return await SnapshotCopy.WriteAsync(
            Folder.Length == 0 ? context.RunFolder : Folder, CopyFacts.Of(snapshot), call.ResponseStream.ReadAllAsync(cancellationToken).Select(message => message.Data.Memory),
            done => context.Report("copying", done, snapshot.Size), cancellationToken);
    }
}
