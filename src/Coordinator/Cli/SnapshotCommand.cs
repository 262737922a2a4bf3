using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet snapshot save|list|verify|drill</c>.</summary>
internal static class SnapshotCommand
{
    /// <summary>Stands for the other nodes where folders are named.</summary>
    private const string Nodes = "nodes";

    public static Command Create(CommandBoundary boundary, ISnapshotOperations operations) => new("snapshot", "Take snapshots of etcd, bring them away, verify them, and rehearse a restore")
    {
        Save(boundary, operations), List(boundary, operations), Verify(boundary, operations), Drill(boundary, operations),
    };

    private static Command Save(CommandBoundary boundary, ISnapshotOperations operations)
    {
        var node = Node("The node whose member is asked [default: a healthy follower]");
        var copies = new Option<string[]>("--copies")
        {
            Description = "Copies beside the one in the coordinator's state folder, with commas: 'nodes' is every other node, anything else a folder here, such as a mounted share", HelpName = "nodes,DIR", AllowMultipleArgumentsPerToken = true,
        };
        var fromDisk = new Option<bool>("--from-disk")
        {
            Description = "Quorum is lost, and etcd is stopped on --node: take it from a copy of the data dir there, with all that its log has. The data dir is only read",
        };
        var command = new Command("save", "Take a snapshot, verify it, and copy it off the node") { node, fromDisk, copies };
        command.Validators.Add(given =>
        {
            if (given.GetValue(fromDisk) && string.IsNullOrEmpty(given.GetValue(node)))
            {
                given.AddError("found --from-disk without --node, expected the node whose disk it is: --node NODE");
            }
        });
        command.SetAction(boundary.Around((call, cancellationToken) =>
        {
            var scope = call.Scope();
            var wanted = (call.Parsed.GetValue(copies) ?? []).SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToList();
            var options = new SnapshotSaveOptions
            {
                Node = call.Parsed.GetValue(node) ?? "", FromDisk = call.Parsed.GetValue(fromDisk), ToNodes = wanted.Contains(Nodes), To = [.. wanted.Where(word => word != Nodes).Select(call.Here.Resolve)],
            };
            _ = options.Node.Length == 0 ? null : FleetNodes.ControlPlane(scope.Fleet, options.Node);
            scope.RequireAnAnswer();
            return operations.SaveAsync(scope, options, cancellationToken);
        }));
        return command;
    }

    private static Command List(CommandBoundary boundary, ISnapshotOperations operations)
    {
        var folders = Folders();
        var command = new Command("list", "Show every snapshot, on the nodes and off them, one row each") { folders };
        command.SetAction(boundary.Around((call, cancellationToken) => operations.ListAsync(call.Scope(), Resolved(call, folders), cancellationToken)));
        return command;
    }

    private static Command Verify(CommandBoundary boundary, ISnapshotOperations operations)
    {
        var names = new Argument<string[]>("NAME") { Description = "As in the list [default: all]", Arity = ArgumentArity.ZeroOrMore };
        var file = new Option<string>("--file") { Description = "A file of this machine instead", HelpName = "F", DefaultValueFactory = _ => "" };
        var folders = Folders();
        var command = new Command("verify", "Recompute every copy's digests, and let etcdutl open it; what is not opened does not count as verified") { names, file, folders };
        command.SetAction(boundary.Around((call, cancellationToken) =>
        {
            var given = call.Parsed.GetValue(file) ?? "";
            return operations.VerifyAsync(call.Scope(), call.Parsed.GetValue(names) ?? [], given.Length == 0 ? "" : call.Here.Resolve(given), Resolved(call, folders), cancellationToken);
        }));
        return command;
    }

    private static Command Drill(CommandBoundary boundary, ISnapshotOperations operations)
    {
        var name = new Argument<string>("NAME") { Description = "As in the list [default: the newest]", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "" };
        var node = Node("The node that does it, of those that have it [default: any]");
        var command = new Command("drill", "Restore a snapshot aside, start etcd from it, compare its content with the cluster's, and take all of it away again") { name, node };
        command.SetAction(boundary.Around((call, cancellationToken) =>
        {
            var scope = call.Scope();
            var on = call.Parsed.GetValue(node) ?? "";
            _ = on.Length == 0 ? null : FleetNodes.ControlPlane(scope.Fleet, on);
            scope.RequireAnAnswer();
            return operations.DrillAsync(scope, call.Parsed.GetValue(name) ?? "", on, cancellationToken);
        }));
        return command;
    }

    private static Option<string?> Node(string description) => new("--node") { Description = description, HelpName = "NODE" };

    private static Option<string[]> Folders() => new("--in") { Description = "Look into this folder of this machine as well", HelpName = "DIR", AllowMultipleArgumentsPerToken = true };

    private static IReadOnlyList<string> Resolved(CommandCall call, Option<string[]> folders) => [.. (call.Parsed.GetValue(folders) ?? []).Select(call.Here.Resolve)];
}
