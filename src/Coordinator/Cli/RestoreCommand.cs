using System.CommandLine;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet restore</c>: the whole cluster from one snapshot (R2).</summary>
internal static class RestoreCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var command = new Command(
            "restore",
            "Restore all control-plane nodes' etcd from one snapshot. What was written since it was taken is lost; each node's present data are set aside and kept.\n"
            + "One lost member is not restored: it is added again as a learner. A working cluster is restored only with --accept-loss.\n"
            + "--undo takes a restore back that ended half-way.");
        var snapshot = new Option<string>("--snapshot") { Description = "A snapshot: a file on this machine, or a name that a node has in its snapshot folder", HelpName = "SNAPSHOT" };
        var undo = new Option<bool>("--undo") { Description = "Take back a restore that has not come to its end, whoever began it: the former data on every node. Refused once an apiserver was given back" };
        var loss = new Option<bool>("--accept-loss") { Description = "The cluster has quorum, and what was written since the snapshot may go: agree to it" };
        var other = new Option<string>("--accept-other-cluster") { Description = "The snapshot is of another cluster: agree to it by this cluster's name", HelpName = "CLUSTER", DefaultValueFactory = _ => "" };
        command.Add(snapshot);
        command.Add(undo);
        command.Add(loss);
        command.Add(other);
        command.Validators.Add(given =>
        {
            if (given.GetValue(undo) == (given.GetResult(snapshot) is not null))
            {
                given.AddError("expected either --snapshot SNAPSHOT, or --undo alone");
            }
        });
        var deadlines = new DeadlineArguments();
        deadlines.AddTo(command);
        command.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            var scope = call.Scope();
            scope.RequireAnAnswer();
            var run = deadlines.Of(call.Parsed, new RunOptions { AcceptLoss = call.Parsed.GetValue(loss), AcceptOtherCluster = call.Parsed.GetValue(other) ?? "" });
            if (call.Parsed.GetValue(undo))
            {
                return await operations.UndoRestoreAsync(scope, run, cancellationToken);
            }

            var named = call.Parsed.GetRequiredValue(snapshot);
            var file = call.Here.Resolve(named);
            return await operations.RestoreAsync(scope, new(File.Exists(file) ? file : named, run), cancellationToken);
        }));
        return command;
    }
}
