using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>A procedure that changes something, from what the operator typed to its run: plan shown, checks on request, question, run.</summary>
internal sealed record Change
{
    public required Plan Plan { get; init; }

    public required RunOptions Options { get; init; }

    /// <summary>What the operator is asked.</summary>
    public required string Question { get; init; }

    /// <summary>What was typed, by option, for the journal: a resumed run is built from it.</summary>
    public required IReadOnlyDictionary<string, string> Arguments { get; init; }

    /// <summary>All the checks of its precheck; what <c>--dry-run</c> does beyond the plan.</summary>
    public required Func<CancellationToken, Task<IReadOnlyList<Finding>>> CheckAsync { get; init; }

    /// <summary>Shown between the plan and the question: what would change in files. Null: nothing.</summary>
    public Func<CancellationToken, Task>? PreviewAsync { get; init; }

    /// <summary>Shown after a run that ended well.</summary>
    public Action<Plan, IReadOnlyList<JournalRecord>> Evidence { get; init; } = (_, _) => { };

    public async Task<ExitCode> RunAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        scope.Reporter.Report(new RunEvent.PlanShown(Plan, IsResult: scope.DryRun));
        if (scope.State is not null)
        {
            // What a run would be refused for at its beginning is said before the question, and by --dry-run.
            (await scope.State.OpenAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken)).Dispose();
        }

        if (PreviewAsync is not null && (scope.DryRun || !scope.Yes))
        {
            await PreviewAsync(cancellationToken);
        }

        if (scope.DryRun)
        {
            return await OnlyCheckAsync(scope, cancellationToken);
        }

        if (!scope.Yes && !await scope.Terminal.ConfirmAsync(Question, cancellationToken))
        {
            scope.Reporter.Error(ExitCode.Cancelled, "not agreed to; nothing was changed");
            return ExitCode.Cancelled;
        }

        return await new RunSession(scope.StateFolder, scope.Fleet, scope.Agents, scope.Reporter, scope.Time, scope.State).RunAsync(Plan, Options, Arguments, Evidence, cancellationToken);
    }

    private async Task<ExitCode> OnlyCheckAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var findings = await CheckAsync(cancellationToken);
        scope.Reporter.Report(new RunEvent.ChecksEnded(findings));
        if (findings.All(finding => finding.Severity != Severity.Refusal))
        {
            return ExitCode.Done;
        }

        scope.Reporter.Error(ExitCode.Refused, "the checks refuse; a run would have changed nothing");
        return ExitCode.Refused;
    }
}
