using System.CommandLine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary><c>etcdfleet plan PROCEDURE</c>.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandBoundary boundary, IOperations operations)
    {
        var arguments = new MigrateArguments();
        var migrate = new Command("migrate", "The plan of a migration; what the checks would find is shown by 'migrate --dry-run'");
        arguments.AddTo(migrate);
        migrate.SetAction(boundary.Around((call, cancellationToken) =>
        {
            // From the inventory alone: no agent is called, and so no identity is needed.
            var scope = call.Scope(callsAgents: false);
            return operations.PlanMigrateAsync(scope, arguments.Of(call.Parsed, scope.Fleet), cancellationToken);
        }));
        var rollback = new Command("rollback", "The plan of the way back to stacked etcd");
        rollback.SetAction(boundary.Around((call, cancellationToken) => operations.PlanRollbackAsync(call.Scope(callsAgents: false), cancellationToken)));
        return new Command("plan", "Show what a procedure would do, step by step, and how each step is undone") { migrate, rollback };
    }
}
