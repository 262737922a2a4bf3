using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>Finds the snapshot that the operator named: a file of this machine, or a name that a node's agent lists.</summary>
internal static class SnapshotSource
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <exception cref="CommandFault">It is nowhere, or not whole: exit code 3.</exception>
    public static async Task<LocalSnapshot> FindAsync(CommandScope scope, string named, CancellationToken cancellationToken)
    {
        if (File.Exists(named))
        {
            return await LocalSnapshot.ReadAsync(Path.GetFullPath(named), cancellationToken);
        }

        foreach (var node in scope.Fleet.ControlPlane)
        {
            if (await FindOnAsync(scope, node, named, cancellationToken) is { } there)
            {
                return await CopyAsync(scope, node, there, cancellationToken);
            }
        }

        throw new CommandFault(ExitCode.Refused, $"found neither a file {named} on this machine nor a verified snapshot of that name on a node that answers; expected one of them. Nothing was changed");
    }

    private static async Task<Snapshot?> FindOnAsync(CommandScope scope, FleetNode node, string named, CancellationToken cancellationToken)
    {
        try
        {
            var listed = await scope.Agents.On(node).Snapshots.ListSnapshotsAsync(new(), cancellationToken: cancellationToken);
            return listed.Snapshots.FirstOrDefault(snapshot => snapshot.Name == named && snapshot.Verified);
        }
        catch (AgentCallException)
        {
            return null; // the checks say so, and the next node may have it
        }
    }

    /// <summary>0600, below the state folder: the run's, and a later resume's.</summary>
    private static async Task<LocalSnapshot> CopyAsync(CommandScope scope, FleetNode node, Snapshot snapshot, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(scope.StateFolder, "snapshots");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(folder, Path.GetFileName(snapshot.Name));
        await using (var file = new FileStream($"{path}.part", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            using var call = scope.Agents.On(node).Snapshots.ReadSnapshot(new() { Name = snapshot.Name }, deadline: scope.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
            await foreach (var message in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                await file.WriteAsync(message.Data.Memory, cancellationToken);
            }
        }

        Shared.AtomicFile.Rename($"{path}.part", path, overwrite: true);
        var read = await LocalSnapshot.ReadAsync(path, cancellationToken);
        return read.Facts.Sha256 == snapshot.Sha256
            ? read with { Facts = new(snapshot) { Verified = false } }
            : throw new CommandFault(ExitCode.Refused, $"found SHA-256 {read.Facts.Sha256} for {snapshot.Name} from {node}, expected {snapshot.Sha256} as its agent lists it; use another copy. Nothing was changed");
    }
}
