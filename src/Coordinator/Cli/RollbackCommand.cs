using System.CommandLine;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet rollback</c>: a migrated cluster, or half of one, back to stacked etcd.</summary>
internal static class RollbackCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var command = new Command("rollback", "Take a migrated cluster, or half of one, back to stacked etcd, node by node, from what the agents kept");
        var downtime = new Option<bool>("--accept-downtime") { Description = "A cluster of one member stops for some seconds: agree to it" };
        command.Add(downtime);
        var etcdOnly = new Option<bool>("--etcd-only") { Description = "Take back A3 and A2 alone: the way back from 'migrate --etcd-only'" };
        command.Add(etcdOnly);
        var deadlines = new DeadlineArguments();
        deadlines.AddTo(command);
        var locks = new LockArguments();
        locks.AddTo(command);
        command.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            var scope = call.Scope();
            scope.RequireAnAnswer();
            var options = locks.Of(call.Parsed, deadlines.Of(call.Parsed, new RunOptions { AcceptDowntime = call.Parsed.GetValue(downtime), EtcdOnly = call.Parsed.GetValue(etcdOnly) }));
            return await operations.RollbackAsync(scope, options, cancellationToken);
        }));
        return command;
    }
}
