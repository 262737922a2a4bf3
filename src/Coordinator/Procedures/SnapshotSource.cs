using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
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
            if (await FindOnAsync(scope, node, named, cancellationToken) is { } there && await CopyAsync(scope, node, there, cancellationToken) is { } copy)
            {
                return copy;
            }
        }

        throw new CommandFault(ExitCode.Refused, $"found neither a file {named} on this machine nor a verified snapshot of that name on a node that answers; expected one of them. Nothing was changed");
    }

    private static async Task<Snapshot?> FindOnAsync(CommandScope scope, FleetNode node, string named, CancellationToken cancellationToken)
    {
        try
        {
            var listed = await scope.Agents.On(node).Snapshots.ListSnapshotsAsync(new(), cancellationToken: cancellationToken);
            return listed.Snapshots.FirstOrDefault(snapshot => snapshot.Name == named && snapshot.Verified && SnapshotAnswer.Problem(snapshot) is null);
        }
        catch (AgentCallException)
        {
            return null; // the checks say so, and the next node may have it
        }
    }

    /// <summary>A copy of one node's, 0600 below the state folder: the run's, and a later resume's. Null where the agent does not send it: the next node may.</summary>
    private static async Task<LocalSnapshot?> CopyAsync(CommandScope scope, FleetNode node, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            using var call = scope.Agents.On(node).Snapshots.ReadSnapshot(new() { Name = snapshot.Name }, deadline: scope.Time.GetUtcNow().UtcDateTime + Limit, cancellationToken: cancellationToken);
            // Checked before it has a name: a copy that is here already is never written over.
            var path = await SnapshotCopy.WriteAsync(
                Snapshots.Folder(scope.StateFolder), CopyFacts.Of(snapshot), call.ResponseStream.ReadAllAsync(cancellationToken).Select(message => message.Data.Memory), _ => { }, cancellationToken);
            var read = await LocalSnapshot.ReadAsync(path, cancellationToken);
            return read with { Facts = new(snapshot) { Verified = false } };
        }
        catch (AgentCallException)
        {
            return null;
        }
        catch (StepFault other)
        {
            throw new CommandFault(ExitCode.Refused, $"found that {other.Message} (from {node}). Nothing was changed");
        }
    }
}
