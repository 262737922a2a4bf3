using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>What <c>snapshot list</c> and <c>snapshot verify</c> show.</summary>
internal static class SnapshotTable
{
    public static IReadOnlyList<string> Columns { get; } = ["name", "cluster", "revision", "etcd", "bytes", "sha256", "taken", "where", "verified", "remarks"];

    public static IReadOnlyList<string> VerdictColumns { get; } = ["name", "where", "bytes", "sha256", "verdict"];

    /// <summary>One row a snapshot, whatever the number of its copies.</summary>
    public static IReadOnlyList<string> Row(IReadOnlyList<SnapshotPlace> copies, ulong clusterId)
    {
        var best = (copies.FirstOrDefault(copy => copy.Facts.Verified) ?? copies[0]).Facts;
        return
        [
            best.Name,
            best.ClusterId == 0 ? "?" : best.ClusterId.ToString("x", CultureInfo.InvariantCulture),
            Revision(best),
            best.EtcdVersion.Length == 0 ? "?" : best.EtcdVersion,
            best.Size.ToString(CultureInfo.InvariantCulture),
            Short(best.Sha256),
            Time(best.Taken?.ToDateTimeOffset()),
            string.Join(", ", copies.Select(copy => copy.Where)),
            best.Verified ? $"{best.OpenedBy}, {Time(best.Checked?.ToDateTimeOffset())}" : "no",
            string.Join("; ", Remarks(copies, best, clusterId)),
        ];
    }

    /// <summary>One row a copy.</summary>
    public static IReadOnlyList<string> Verdict(SnapshotPlace place) =>
        [place.Facts.Name, place.Where, place.Facts.Size.ToString(CultureInfo.InvariantCulture), Short(place.Facts.Sha256), Word(place.Facts)];

    public static string Word(Snapshot facts) => facts switch
    {
        { Problem.Length: > 0 } => $"DAMAGED: {facts.Problem}",
        { Verified: true } => $"verified: digest right, opened by {facts.OpenedBy}",
        _ => "digest right, not opened: does not count as verified",
    };

    public static string Time(DateTimeOffset? at) => at is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    private static string Revision(Snapshot facts) => facts.LastRevision > 0 ? facts.LastRevision.ToString(CultureInfo.InvariantCulture)
        : facts.Revision > 0 ? string.Create(CultureInfo.InvariantCulture, $">= {facts.Revision}") : "?";

    private static string Short(string sha256) => sha256.Length >= 12 ? sha256[..12] : "?";

    private static IEnumerable<string> Remarks(IReadOnlyList<SnapshotPlace> copies, Snapshot best, ulong clusterId)
    {
        if (best.ClusterId != 0 && clusterId != 0 && best.ClusterId != clusterId)
        {
            yield return $"of another cluster: {clusterId.ToString("x", CultureInfo.InvariantCulture)} is what runs";
        }

        if (best is { Verified: false, Problem.Length: 0, Sha256.Length: > 0 })
        {
            yield return "digest right, not opened";
        }

        if (best.Scheduled)
        {
            yield return "by the schedule";
        }

        foreach (var copy in copies.Where(copy => copy.Facts.Problem.Length > 0))
        {
            yield return $"{copy.Where}: {copy.Facts.Problem}";
        }
    }
}
