using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>status</c> says of verbs that an agent died in: what they were, and what the next agent made of them.</summary>
internal static class SettledVerbs
{
    public static IReadOnlyList<string> Columns { get; } = ["node", "settled", "verb", "step", "outcome", "detail"];

    public static void Show(IReporter reporter, IReadOnlyList<NodeReport> reports)
    {
        List<IReadOnlyList<string>> rows = [.. from report in reports from settled in report.Facts?.Agent.Settled ?? [] select Row(report, settled)];
        if (rows.Count > 0)
        {
            reporter.Table("Verbs that an agent ended in, of the last seven days", Columns, rows);
        }
    }

    private static IReadOnlyList<string> Row(NodeReport report, SettledOperation settled) =>
    [
        report.Node.Name, settled.Settled.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), settled.Verb, settled.Step,
        settled.Way switch
        {
            SettledOperation.Types.Way.Finished => "finished",
            SettledOperation.Types.Way.NotBegun => "not begun",
            SettledOperation.Types.Way.Failed => "NOT FINISHED",
            _ => "unknown",
        },
        settled.Detail,
    ];
}
