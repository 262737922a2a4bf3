using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What the commands do, once the command line, the inventory and the identity have been read.</summary>
internal sealed class Operations : IOperations
{
    public Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken)
    {
        var only = Chosen(scope, options);
        scope.Reporter.Report(new RunEvent.PlanShown(Changes.Migrate(scope, options, only).Plan, IsResult: true));
        SayWhereItEnds(scope, options, only);
        return Task.FromResult(ExitCode.Done);
    }

    public Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken)
    {
        var only = Chosen(scope, options);
        SayWhereItEnds(scope, options, only);
        return Changes.Migrate(scope, options, only).RunAsync(scope, cancellationToken);
    }

    public Task<ExitCode> PlanRollbackAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        scope.Reporter.Report(new RunEvent.PlanShown(Rollback.Build(scope.Fleet), IsResult: true));
        return Task.FromResult(ExitCode.Done);
    }

    public Task<ExitCode> RollbackAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken) =>
        Changes.Rollback(scope, options).RunAsync(scope, cancellationToken);

    public async Task<ExitCode> RestoreAsync(CommandScope scope, RestoreOptions options, CancellationToken cancellationToken) =>
        await Changes.Restore(scope, await SnapshotSource.FindAsync(scope, options.Snapshot, cancellationToken), options.Run).RunAsync(scope, cancellationToken);

    public Task<ExitCode> UndoRestoreAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken) => Changes.UndoRestore(scope, options).RunAsync(scope, cancellationToken);

    public Task<ExitCode> RunbookMigrateAsync(CommandScope scope, MigrateOptions options, string command, CancellationToken cancellationToken)
    {
        var only = Chosen(scope, options);
        scope.Reporter.Text(Runbook.Text(scope.Fleet, Changes.Migrate(scope, options, only).Plan, command, options.Typed, scope.Time.GetUtcNow()));
        return Task.FromResult(ExitCode.Done);
    }

    public Task<ExitCode> ResumeAsync(CommandScope scope, string run, RunOptions options, CancellationToken cancellationToken) =>
        Resume.RunAsync(scope, run, options, cancellationToken);

    public async Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var reports = await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        scope.Reporter.Table("", StatusTable.Columns, StatusTable.Rows(scope.Fleet, reports));
        foreach (var report in reports.Where(report => report.Facts?.Agent.BusyWith.Length > 0))
        {
            scope.Reporter.Report(new RunEvent.Note($"{report.Node}: at work: {report.Facts!.Agent.BusyWith}", Warning: false));
        }

        SettledVerbs.Show(scope.Reporter, reports);
        await SnapshotWords.SayAsync(scope, cancellationToken);
        await StateWords.SayAsync(scope, cancellationToken);
        foreach (var restore in (await RestoreReport.OfAllAsync(scope.Fleet, scope.Agents, cancellationToken)).Where(restore => restore.Told is not null))
        {
            ShowRestore(scope, restore);
        }

        return ExitCode.Done;
    }

    public ISnapshotOperations Snapshots { get; } = new SnapshotOperations();

    /// <summary>What lies in a data dir beside the data (DESIGN, safety rule 9), and a restore that nobody has finished.</summary>
    private static void ShowRestore(CommandScope scope, RestoreReport restore)
    {
        if (restore.Told is { Ended: false, Sha256.Length: > 0 } told)
        {
            scope.Reporter.Report(new RunEvent.Note($"{restore.Node}: a restore is {(told.Begun || told.InPlace ? "half-way" : "made ready")}, of the snapshot with SHA-256 {told.Sha256} (run {told.Run})", Warning: told.Begun || told.InPlace));
        }

        foreach (var kept in restore.Told!.Kept)
        {
            scope.Reporter.Report(new RunEvent.Note($"{restore.Node}: set aside: {kept}", Warning: false));
        }
    }

    public Task<ExitCode> VerifyAsync(CommandScope scope, string report, CancellationToken cancellationToken) => Verify.RunAsync(scope, report, cancellationToken);

    private static void SayWhereItEnds(CommandScope scope, MigrateOptions options, IReadOnlyList<FleetNode> only)
    {
        if (!new MigrateScope { Only = only, EtcdOnly = options.EtcdOnly }.WithKubernetes(scope.Fleet))
        {
            scope.Reporter.Report(new RunEvent.Note(Migrate.EndsEarly, Warning: false));
        }
    }

    /// <summary>The nodes that were named; empty for all.</summary>
    private static List<FleetNode> Chosen(CommandScope scope, MigrateOptions options) => [.. options.Nodes.Select(name => FleetNodes.ControlPlane(scope.Fleet, name))];
}
