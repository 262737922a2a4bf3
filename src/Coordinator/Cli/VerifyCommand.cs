using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet verify</c>: the DC list.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var command = new Command("verify", "Prove that the migration is done, each condition with its evidence");
        command.SetAction(boundary.Around((call, cancellationToken) => operations.VerifyAsync(call.Scope(), cancellationToken)));
        return command;
    }
}
