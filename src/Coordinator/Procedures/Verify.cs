using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>verify</c> does: the DC list with its evidence, shown, and kept as a record where one is wanted.</summary>
internal static class Verify
{
    public static IReadOnlyList<string> Columns { get; } = ["criterion", "state", "what", "evidence"];

    public static async Task<ExitCode> RunAsync(CommandScope scope, string report, CancellationToken cancellationToken)
    {
        var nodes = NodeReport.OfAllAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        var kubernetes = KubernetesReport.OfAllAsync(scope.Fleet, scope.Agents, render: false, cancellationToken);
        var rehearsal = Rehearsal.OfAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
        var criteria = DoneCriteria.Evaluate(scope.Fleet, await nodes, await kubernetes, await rehearsal);
        scope.Reporter.Table("", Columns, [.. criteria.Select(Row)]);
        if (report.Length > 0)
        {
            DoneReport.Write(scope, report, criteria, await nodes);
        }

        if (criteria.Where(criterion => criterion.State == CriterionState.NotMet).Select(criterion => criterion.Id).ToList() is { Count: > 0 } missing)
        {
            scope.Reporter.Error(ExitCode.Refused, $"not met: {string.Join(", ", missing)}");
            return ExitCode.Refused;
        }

        return ExitCode.Done;
    }

    public static IReadOnlyList<string> Row(Criterion criterion) => [criterion.Id, Word(criterion.State), criterion.Title, criterion.Evidence];

    public static string Word(CriterionState state) => state switch { CriterionState.Met => "met", CriterionState.Open => "open", _ => "NOT MET" };
}
