using System.Globalization;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What a migration shows at its end: the same cluster (rule 5), and where each node's time went.</summary>
internal static class MigrateEvidence
{
    public static void Show(IReporter reporter, Plan plan, IReadOnlyList<JournalRecord> journal)
    {
        if (journal.LastOrDefault(record => record.Kind == JournalKind.Receipt && record.Step.EndsWith("/same-cluster", StringComparison.Ordinal))?.Facts is { } proof)
        {
            reporter.Report(new RunEvent.EvidenceShown("The same cluster, with the same data", ["", "before", "after"], SameCluster(proof)));
        }

        reporter.Report(new RunEvent.EvidenceShown(
            "Time of each cutover, in seconds", ["node", "leader move", "pod stop", "unit start", "gates", "tool", "in all", "tool's share"], [.. plan.Stages.SelectMany(stage => TimeSplit(stage, journal))]));
        ShowApiServers(reporter, plan, journal);
    }

    private static void ShowApiServers(IReporter reporter, Plan plan, IReadOnlyList<JournalRecord> journal)
    {
        List<IReadOnlyList<string>> rows =
        [
            .. from stage in plan.Stages
               where stage.Id == "A6"
               from lane in stage.Lanes
               let wait = Receipt(journal, new StepId(stage.Id, lane.Name, "await-api-server"))
               let written = Receipt(journal, new StepId(stage.Id, lane.Name, "regenerate-api-server"))
               where wait is { Facts: not null } && written is { Changed: true }
               select (IReadOnlyList<string>)[lane.Name, Seconds((written.Milliseconds ?? 0) / 1000), Milliseconds(wait.Facts!, "old_gone_ms"), Milliseconds(wait.Facts!, "waited_ms")],
        ];
        if (rows.Count > 0)
        {
            reporter.Report(new RunEvent.EvidenceShown("Time of each apiserver, in seconds", ["node", "manifest written", "old one gone", "new one ready"], rows));
        }
    }

    private static JournalRecord? Receipt(IReadOnlyList<JournalRecord> journal, StepId step) =>
        journal.LastOrDefault(record => record.Kind == JournalKind.Receipt && record.Step == step.ToString());

    private static string Milliseconds(IReadOnlyDictionary<string, string> facts, string name) =>
        Seconds(double.Parse(facts.GetValueOrDefault(name, "0"), CultureInfo.InvariantCulture) / 1000);

    private static List<IReadOnlyList<string>> SameCluster(IReadOnlyDictionary<string, string> proof)
    {
        var before = proof["members_before"].Split(", ");
        var after = proof["members"].Split(", ");
        return
        [
            ["cluster id", proof["cluster_id_before"], proof["cluster_id"]],
            .. Enumerable.Range(0, Math.Max(before.Length, after.Length)).Select(i => (IReadOnlyList<string>)["member", before.ElementAtOrDefault(i) ?? "", after.ElementAtOrDefault(i) ?? ""]),
            ["revision", proof["revision_before"], proof["revision"]],
            ["HashKV", proof["hash_before"], proof["hash"]],
        ];
    }

    /// <summary>A row for each node of the stage that was cut over in this run.</summary>
    private static IEnumerable<IReadOnlyList<string>> TimeSplit(Stage stage, IReadOnlyList<JournalRecord> journal) =>
        from lane in stage.Lanes
        where stage.Id == "A3" && lane.Node is not null
        let times = lane.Steps.ToLookup(
            step => step.Time,
            step => journal.Where(record => record.Kind == JournalKind.Receipt && record.Step == new StepId(stage.Id, lane.Name, step.Name).ToString()).Sum(record => record.Milliseconds ?? 0) / 1000)
        let all = times.Sum(kind => kind.Sum())
        where all > 0
        select (IReadOnlyList<string>)
        [
            lane.Name, Seconds(times[StepTime.LeaderMove].Sum()), Seconds(times[StepTime.PodStop].Sum()), Seconds(times[StepTime.UnitStart].Sum()), Seconds(times[StepTime.Gate].Sum()), Seconds(times[StepTime.Tool].Sum()), Seconds(all),
            (times[StepTime.Tool].Sum() / all).ToString("P1", CultureInfo.InvariantCulture),
        ];

    private static string Seconds(double seconds) => seconds.ToString("F2", CultureInfo.InvariantCulture);
}
