using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What the commands do, once the command line, the inventory and the identity have been read.</summary>
internal sealed class Operations : IOperations
{
    public Task<ExitCode> PlanMigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken)
    {
        if (Chosen(scope, options) is not { } only)
        {
            return Task.FromResult(ExitCode.Refused);
        }

        scope.Reporter.Report(new RunEvent.PlanShown(Migrate.Build(scope.Fleet, only), IsResult: true));
        scope.Reporter.Report(new RunEvent.Note(Migrate.StillToCome, Warning: false));
        return Task.FromResult(ExitCode.Done);
    }

    public async Task<ExitCode> MigrateAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken)
    {
        if (Chosen(scope, options) is not { } only)
        {
            return ExitCode.Refused;
        }

        var plan = Migrate.Build(scope.Fleet, only);
        scope.Reporter.Report(new RunEvent.PlanShown(plan, IsResult: scope.DryRun));
        scope.Reporter.Report(new RunEvent.Note(Migrate.StillToCome, Warning: false));
        if (scope.DryRun)
        {
            return await CheckAsync(scope, options, cancellationToken);
        }

        if (!scope.Yes && !await scope.Terminal.ConfirmAsync($"Migrate cluster {scope.Fleet.Cluster} as planned?", cancellationToken))
        {
            scope.Reporter.Error(ExitCode.Cancelled, "not agreed to; nothing was changed");
            return ExitCode.Cancelled;
        }

        var session = new RunSession(scope.StateFolder, scope.Fleet, scope.Agents, scope.Reporter, scope.Time);
        return await session.RunAsync(plan, options.Run, (done, journal) => MigrateEvidence.Show(scope.Reporter, done, journal), cancellationToken);
    }

    public async Task<ExitCode> StatusAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var reports = await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        scope.Reporter.Table("", StatusTable.Columns, StatusTable.Rows(scope.Fleet, reports));
        foreach (var report in reports.Where(report => report.Facts?.Agent.BusyWith.Length > 0))
        {
            scope.Reporter.Report(new RunEvent.Note($"{report.Node}: at work: {report.Facts!.Agent.BusyWith}", Warning: false));
        }

        return ExitCode.Done;
    }

    public async Task<ExitCode> VerifyAsync(CommandScope scope, CancellationToken cancellationToken)
    {
        var reports = await NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        var criteria = DoneCriteria.Evaluate(reports);
        scope.Reporter.Table("", ["criterion", "state", "what", "evidence"], [.. criteria.Select(Row)]);
        if (criteria.Where(criterion => criterion.State == CriterionState.NotMet).Select(criterion => criterion.Id).ToList() is { Count: > 0 } missing)
        {
            scope.Reporter.Error(ExitCode.Refused, $"not met: {string.Join(", ", missing)}");
            return ExitCode.Refused;
        }

        return ExitCode.Done;
    }

    /// <summary>All the checks, and nothing else: what <c>--dry-run</c> does beyond the plan.</summary>
    private static async Task<ExitCode> CheckAsync(CommandScope scope, MigrateOptions options, CancellationToken cancellationToken)
    {
        var findings = await CheckFleet.FindAsync(scope.Fleet, scope.Agents, scope.Time, options.Run.AcceptDowntime, cancellationToken);
        scope.Reporter.Report(new RunEvent.ChecksEnded(findings));
        if (findings.All(finding => finding.Severity != Severity.Refusal))
        {
            return ExitCode.Done;
        }

        scope.Reporter.Error(ExitCode.Refused, "the checks refuse; a run would have changed nothing");
        return ExitCode.Refused;
    }

    /// <summary>The nodes that were named, empty for all; null, with the reason said, when one of them cannot be migrated.</summary>
    private static List<FleetNode>? Chosen(CommandScope scope, MigrateOptions options)
    {
        var chosen = new List<FleetNode>();
        foreach (var name in options.Nodes)
        {
            switch (scope.Fleet.Nodes.FirstOrDefault(node => node.Name == name))
            {
                case null:
                    scope.Reporter.Error(ExitCode.Refused, $"{name} is no node of the inventory, expected one of {string.Join(", ", scope.Fleet.ControlPlane)}; nothing was changed");
                    return null;
                case { Role: NodeRole.Worker }:
                    scope.Reporter.Error(ExitCode.Refused, $"{name} is a worker, expected a control-plane node: nothing of etcd is ever done on a worker (IR-2); nothing was changed");
                    return null;
                case { } node:
                    chosen.Add(node);
                    break;
            }
        }

        return chosen;
    }

    private static IReadOnlyList<string> Row(Criterion criterion) =>
    [
        criterion.Id,
        criterion.State switch { CriterionState.Met => "met", CriterionState.Open => "open", _ => "NOT MET" },
        criterion.Title,
        criterion.Evidence,
    ];
}
