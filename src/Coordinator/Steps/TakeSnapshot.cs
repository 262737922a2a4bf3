using System.Globalization;
using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Takes the mandatory snapshot (A1), verified on the node, and brings a copy to the coordinator, verified again.</summary>
internal sealed record TakeSnapshot : Step
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    public override string Name => "take-snapshot";

    public override string Summary => "take a snapshot of a healthy member, verify it, and copy it to the coordinator";

    public override Undo Undo => Undo.NotNeeded("a snapshot harms nobody");

    public override bool Prepares => true;

    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var node = await ChooseAsync(context, cancellationToken);
        var snapshot = await TakeAsync(context, node, cancellationToken);
        var copy = await CopyAsync(context, node, snapshot, cancellationToken);
        return Receipt.Did(
            $"{snapshot.Name} on {node}, {snapshot.Size.ToString(CultureInfo.InvariantCulture)} bytes, revision {snapshot.Revision}; copied to the coordinator",
            ("node", node.Name), ("name", snapshot.Name), ("sha256", snapshot.Sha256), ("revision", $"{snapshot.Revision}"), ("copy", copy));
    }

    /// <summary>A healthy follower where there is one: the leader has enough to do.</summary>
    private static async Task<FleetNode> ChooseAsync(StepContext context, CancellationToken cancellationToken)
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

        return leader ?? throw new StepFault("no member is healthy, expected at least one to take the snapshot from: look at 'etcdfleet status'", refused: true);
    }

    private static async Task<Snapshot> TakeAsync(StepContext context, FleetNode node, CancellationToken cancellationToken)
    {
        using var call = context.Agents.On(node).Snapshots.TakeSnapshot(
            new() { Operation = context.Operation }, deadline: context.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
        Snapshot? taken = null;
        await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            if (message.StepCase == TakeSnapshotResponse.StepOneofCase.Progress)
            {
                context.Report(message.Progress.Doing, message.Progress.Done, message.Progress.Total);
            }

            taken = message.Result?.Snapshot ?? taken;
        }

        return taken is { Verified: true } ? taken : throw new StepFault($"the agent on {node} has no verified snapshot to show, expected one: look at its journal");
    }

    /// <summary>0600 and under a temporary name until its digest has been recomputed here: it is the cluster's whole content.</summary>
    private static async Task<string> CopyAsync(StepContext context, FleetNode node, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var path = Path.Combine(context.RunFolder, Path.GetFileName(snapshot.Name));
        var temporary = path + ".part";
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        await using (var file = new FileStream(temporary, options))
        {
            using var call = context.Agents.On(node).Snapshots.ReadSnapshot(
                new() { Name = snapshot.Name }, deadline: context.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
            var done = 0UL;
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                digest.AppendData(message.Data.Span);
                await file.WriteAsync(message.Data.Memory, cancellationToken);
                done += (ulong)message.Data.Length;
                context.Report("copying", done, snapshot.Size);
            }

            await file.FlushAsync(cancellationToken);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }

        var found = Convert.ToHexStringLower(digest.GetHashAndReset());
        if (found != snapshot.Sha256)
        {
            throw new StepFault($"the copy of {snapshot.Name} has SHA-256 {found}, expected {snapshot.Sha256}: the copy is at {temporary}; run it again");
        }

        Shared.AtomicFile.Rename(temporary, path);
        return path;
    }
}
