using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var command = new Command("status", "Show what every node's etcd runs as, its health, and what was set aside");
        command.SetAction(boundary.Around((call, cancellationToken) => operations.StatusAsync(call.Scope(), cancellationToken)));
        return command;
    }
}
