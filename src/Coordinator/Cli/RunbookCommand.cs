using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet runbook migrate</c>.</summary>
internal static class RunbookCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var arguments = new MigrateArguments();
        var migrate = new Command("migrate", "The maintenance window of a migration, as Markdown: commands, order, gates, times, where to stop, and the way back");
        arguments.AddTo(migrate);
        migrate.SetAction(boundary.Around((call, cancellationToken) =>
        {
            var scope = call.Scope(callsAgents: false);
            return operations.RunbookMigrateAsync(scope, arguments.Of(call.Parsed, scope.Fleet), call.Typed, cancellationToken);
        }));
        return new Command("runbook", "Write down what an operator types in the maintenance window") { migrate };
    }
}
