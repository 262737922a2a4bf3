using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>Operations that remember how they were called, and do what the test says.</summary>
internal sealed class RecordingOperations : IOperations, ISnapshotOperations
{
    public ISnapshotOperations Snapshots => this;

    public List<(string Verb, CommandScope Scope, MigrateOptions? Options)> Calls { get; } = [];

    public Func<CommandScope, CancellationToken, Task<ExitCode>> Does { get; set; } = (_, _) => Task.FromResult(ExitCode.Done);

    public Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken) => Called("plan migrate", scope, options, cancellationToken);

    public Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken) => Called("migrate", scope, options, cancellationToken);

    public Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken) => Called("status", scope, null, cancellationToken);

    public Task<ExitCode> VerifyAsync(CommandScope scope, string report, CancellationToken cancellationToken) => Called($"verify {report}".TrimEnd(), scope, null, cancellationToken);

    public Task<ExitCode> PlanRollbackAsync(CommandScope scope, CancellationToken cancellationToken) => Called("plan rollback", scope, null, cancellationToken);

    public Task<ExitCode> RollbackAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken) => Called("rollback", scope, new([], options), cancellationToken);

    public Task<ExitCode> RestoreAsync(CommandScope scope, RestoreOptions options, CancellationToken cancellationToken) => Called($"restore {options.Snapshot}", scope, new([], options.Run), cancellationToken);

    public Task<ExitCode> UndoRestoreAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken) => Called("undo restore", scope, new([], options), cancellationToken);

    public Task<ExitCode> RunbookMigrateAsync(CommandScope scope, MigrateOptions options, string command, CancellationToken cancellationToken) => Called($"runbook {command}", scope, options, cancellationToken);

    public Task<ExitCode> ResumeAsync(CommandScope scope, string run, RunOptions options, CancellationToken cancellationToken) => Called($"resume {run}".TrimEnd(), scope, new([], options), cancellationToken);

    public Task<ExitCode> SaveAsync(CommandScope scope, SnapshotSaveOptions options, CancellationToken cancellationToken) =>
        Called($"snapshot save node={options.Node} nodes={options.ToNodes} to={string.Join(',', options.To)}", scope, null, cancellationToken);

    public Task<ExitCode> ListAsync(CommandScope scope, IReadOnlyList<string> folders, CancellationToken cancellationToken) =>
        Called($"snapshot list {string.Join(',', folders)}".TrimEnd(), scope, null, cancellationToken);

    public Task<ExitCode> VerifyAsync(CommandScope scope, IReadOnlyList<string> names, string file, IReadOnlyList<string> folders, CancellationToken cancellationToken) =>
        Called($"snapshot verify names={string.Join(',', names)} file={file} in={string.Join(',', folders)}", scope, null, cancellationToken);

    public Task<ExitCode> DrillAsync(CommandScope scope, string name, string node, CancellationToken cancellationToken) =>
        Called($"snapshot drill name={name} node={node}", scope, null, cancellationToken);

    private Task<ExitCode> Called(string verb, CommandScope scope, MigrateOptions? options, CancellationToken cancellationToken)
    {
        Calls.Add((verb, scope, options));
        return Does(scope, cancellationToken);
    }
}
