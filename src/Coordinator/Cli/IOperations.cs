using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What the command line's verbs do once it has read everything that it can by itself.</summary>
internal interface IOperations
{
    /// <summary>Shows the plan of a migration and what the checks find. Changes nothing.</summary>
    Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken);

    /// <summary>Shows the plan, asks, and runs it.</summary>
    Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken);

    /// <summary>Shows the plan of the way back to stacked etcd.</summary>
    Task<ExitCode> PlanRollbackAsync(CommandScope scope, CancellationToken cancellationToken);

    /// <summary>Shows that plan, asks, and runs it.</summary>
    Task<ExitCode> RollbackAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken);

    /// <summary>Finds the snapshot, shows the plan of a restore, asks, and runs it.</summary>
    Task<ExitCode> RestoreAsync(CommandScope scope, RestoreOptions options, CancellationToken cancellationToken);

    /// <summary>Takes a restore back that has not come to its end: shows the plan, asks, and runs it.</summary>
    Task<ExitCode> UndoRestoreAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken);

    /// <summary>Goes on with a run that ended without a last word; an empty id stands for the newest.</summary>
    Task<ExitCode> ResumeAsync(CommandScope scope, string run, RunOptions options, CancellationToken cancellationToken);

    /// <summary>Writes the runbook of a migration.</summary>
    /// <param name="scope">Around the command.</param>
    /// <param name="options">Of the migration.</param>
    /// <param name="command">The command with its global options, as typed.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    Task<ExitCode> RunbookMigrateAsync(CommandScope scope, MigrateOptions options, string command, CancellationToken cancellationToken);

    /// <summary>Shows what the fleet is like. Changes nothing.</summary>
    Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken);

    /// <summary>Proves the DC list, with evidence. Changes nothing.</summary>
    /// <param name="scope">Around the command.</param>
    /// <param name="report">A file for the record; empty: none.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    Task<ExitCode> VerifyAsync(CommandScope scope, string report, CancellationToken cancellationToken);

    /// <summary>What the <c>snapshot</c> commands do.</summary>
    ISnapshotOperations Snapshots { get; }
}
