namespace EtcdFleet.Coordinator.Cli;

/// <summary>What the command line's verbs do once it has read everything that it can by itself.</summary>
internal interface IOperations
{
    /// <summary>Shows the plan of a migration and what the checks find. Changes nothing.</summary>
    Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken);

    /// <summary>Shows the plan, asks, and runs it.</summary>
    Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken);

    /// <summary>Shows what the fleet is like. Changes nothing.</summary>
    Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken);

    /// <summary>Proves the DC list, with evidence. Changes nothing.</summary>
    Task<ExitCode> VerifyAsync(CommandScope scope, CancellationToken cancellationToken);
}
