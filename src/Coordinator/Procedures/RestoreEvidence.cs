using System.Globalization;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What a restore shows at its end: of what, into what, and for how long the API was away.</summary>
internal static class RestoreEvidence
{
    public static void Show(IReporter reporter, IReadOnlyList<JournalRecord> journal)
    {
        var (prepared, cluster, weighed) = (Facts(journal, "prepare-restore"), Facts(journal, "restored-cluster"), Facts(journal, "weigh-loss"));
        List<IReadOnlyList<string>> rows =
        [
            ["snapshot", prepared.GetValueOrDefault("snapshot", "")], ["SHA-256", prepared.GetValueOrDefault("sha256", "")], ["keys in it", prepared.GetValueOrDefault("keys", "")],
            ["revision in it", prepared.GetValueOrDefault("revision", "")], ["revision before", weighed.GetValueOrDefault("live_revision", "0") is var live && live != "0" ? live : "unknown: there was no quorum"],
            ["revision now", cluster.GetValueOrDefault("revision", "")], ["HashKV, the same on every member", cluster.GetValueOrDefault("hash", "")], ["new cluster id", cluster.GetValueOrDefault("cluster_id", "")],
            .. cluster.GetValueOrDefault("members", "").Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(member => (IReadOnlyList<string>)["member", member]),
            ["Kubernetes API away", Away(journal)],
        ];
        reporter.Report(new RunEvent.EvidenceShown("The restored cluster", ["", ""], rows));
    }

    /// <summary>From the first manifest stashed to the last apiserver ready; what an earlier run had done of it is not in this journal.</summary>
    private static string Away(IReadOnlyList<JournalRecord> journal)
    {
        var stopped = journal.FirstOrDefault(record => record.Kind == JournalKind.Intent && record.Step.EndsWith("/stop-control-plane", StringComparison.Ordinal));
        var ready = journal.LastOrDefault(record => record.Kind == JournalKind.Receipt && record.Step.EndsWith("/api-servers-ready", StringComparison.Ordinal));
        return stopped is null || ready is null ? "longer than this run" : string.Create(CultureInfo.InvariantCulture, $"{(ready.At - stopped.At).TotalSeconds:F1} s");
    }

    private static IReadOnlyDictionary<string, string> Facts(IReadOnlyList<JournalRecord> journal, string step) =>
        journal.LastOrDefault(record => record.Kind is JournalKind.Receipt or JournalKind.AlreadyDone && record.Facts is not null && record.Step.EndsWith($"/{step}", StringComparison.Ordinal))?.Facts ?? new Dictionary<string, string>();
}
