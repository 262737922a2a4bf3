using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet migrate</c>: flow A.</summary>
internal static class MigrateCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var arguments = new MigrateArguments();
        var command = new Command("migrate", "Move etcd from static Pods to systemd, node by node, behind health gates; a node that fails goes back");
        arguments.AddTo(command);
        var deadlines = new DeadlineArguments();
        deadlines.AddTo(command);
        var locks = new LockArguments();
        locks.AddTo(command);
        command.SetAction(boundary.Around(async (call, cancellationToken) =>
        {
            var scope = call.Scope();
            var options = arguments.Of(call.Parsed, scope.Fleet);
            scope.RequireAnAnswer();
            return await operations.MigrateAsync(scope, options with { Run = locks.Of(call.Parsed, deadlines.Of(call.Parsed, options.Run)) }, cancellationToken);
        }));
        return command;
    }
}
