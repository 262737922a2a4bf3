using System.Text.RegularExpressions;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>Judges what an agent says of its snapshots: whoever has a node's key can answer for it, and the answer comes to files, journals and terminals.</summary>
internal static partial class SnapshotAnswer
{
    private const int LongestText = 4000;

    /// <summary>What is wrong with an answer, and whose agent says no such thing; null: nothing.</summary>
    public static string? Problem(ListSnapshotsResponse answer) =>
        answer.Snapshots.Select(Problem).FirstOrDefault(problem => problem is not null) ?? (answer.Schedule is { } schedule ? Problem(schedule) : null);

    /// <summary>The same of one snapshot.</summary>
    public static string? Problem(Snapshot snapshot) => snapshot switch
    {
        _ when !Name().IsMatch(snapshot.Name) => "a name that no snapshot has",
        _ when !Sha256().IsMatch(snapshot.Sha256) => $"a SHA-256 of {snapshot.Name} that is none",
        { Taken: null } => $"no time at which {snapshot.Name} was taken",
        _ when !IsTime(snapshot.Taken) || !IsTime(snapshot.Checked) => $"a time of {snapshot.Name} that is none",
        _ when !IsLine(snapshot.EtcdVersion) || !IsLine(snapshot.OpenedBy) || !IsLine(snapshot.Problem) => $"words on {snapshot.Name} with control characters, or without end",
        _ => null,
    };

    private static string? Problem(SnapshotSchedule schedule) => schedule switch
    {
        // As ToTimeSpan wants it, and positive.
        { Every: not { Seconds: >= 0 and <= 315_576_000_000, Nanos: >= 0 and < 1_000_000_000 } } => "a schedule without a period",
        _ when !IsTime(schedule.Next) || !IsTime(schedule.LastSuccess) => "a time of its schedule that is none",
        _ when !IsLine(schedule.Problem) => "words on its schedule with control characters, or without end",
        _ => null,
    };

    private static bool IsTime(Timestamp? at) => at is null or { Seconds: >= -62_135_596_800 and <= 253_402_300_799, Nanos: >= 0 and < 1_000_000_000 };

    private static bool IsLine(string text) => text.Length <= LongestText && !text.Any(char.IsControl);

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z._-]{0,190}\.db\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^([0-9a-f]{64})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Sha256();
}
