using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Tests.Cli;

/// <summary>Operations that remember how they were called, and do what the test says.</summary>
internal sealed class RecordingOperations : IOperations
{
    public List<(string Verb, CommandScope Scope, MigrateOptions? Options)> Calls { get; } = [];

    public Func<CommandScope, CancellationToken, Task<ExitCode>> Does { get; set; } = (_, _) => Task.FromResult(ExitCode.Done);

    public Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken) => Called("plan migrate", scope, options, cancellationToken);

    public Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken) => Called("migrate", scope, options, cancellationToken);

    public Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken) => Called("status", scope, null, cancellationToken);

    public Task<ExitCode> VerifyAsync(CommandScope scope, string report, CancellationToken cancellationToken) => Called($"verify {report}".TrimEnd(), scope, null, cancellationToken);

    public Task<ExitCode> PlanRollbackAsync(CommandScope scope, CancellationToken cancellationToken) => Called("plan rollback", scope, null, cancellationToken);

    public Task<ExitCode> RollbackAsync(CommandScope scope, RunOptions options, CancellationToken cancellationToken) => Called("rollback", scope, new([], options), cancellationToken);

    public Task<ExitCode> RestoreAsync(CommandScope scope, RestoreOptions options, CancellationToken cancellationToken) => Called($"restore {options.Snapshot}", scope, new([], options.Run), cancellationToken);

    public Task<ExitCode> RunbookMigrateAsync(CommandScope scope, MigrateOptions options, string command, CancellationToken cancellationToken) => Called($"runbook {command}", scope, options, cancellationToken);

    public Task<ExitCode> ResumeAsync(CommandScope scope, string run, RunOptions options, CancellationToken cancellationToken) => Called($"resume {run}".TrimEnd(), scope, new([], options), cancellationToken);

    private Task<ExitCode> Called(string verb, CommandScope scope, MigrateOptions? options, CancellationToken cancellationToken)
    {
        Calls.Add((verb, scope, options));
        return Does(scope, cancellationToken);
    }
}
