using System.Globalization;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Where runs are kept on the coordinator's disk: STATE/runs/ID/{journal.jsonl,plan.txt,…}.</summary>
internal sealed class RunFolders(string state, TimeProvider time)
{
    public const string JournalName = "journal.jsonl";

    /// <summary>The folder of all runs.</summary>
    public string All { get; } = Path.Combine(state, "runs");

    /// <summary>The lock of this coordinator's state: one run of a cluster at a time from here.</summary>
    public string Lock(string cluster) => Path.Combine(state, $"{cluster}.lock");

    public string Of(string run) => Path.Combine(All, run);

    /// <summary>A new run's id: its time, so that a listing sorts, and four random digits.</summary>
    public string NewId() => string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd'-'HHmmss}-{Guid.NewGuid().ToString("N")[..4]}");

    /// <summary>The newest runs of a procedure on a cluster that never came to their end: their coordinator died, or met what nobody foresaw.</summary>
    /// <remarks>A run that was refused since then has changed nothing, and so it settles nothing. One that lost its lock stopped in the middle.
    /// Any other end settles everything, and so does an undo of the procedure that came to its end.</remarks>
    /// <exception cref="InvalidDataException">A journal is damaged: what that run did is not guessed.</exception>
    public UnfinishedRun? FindUnfinished(string cluster, string procedure)
    {
        if (!Directory.Exists(All))
        {
            return null;
        }

        var unfinished = Directory.GetDirectories(All)
            .Select(folder => (Folder: folder, Records: ReadIn(folder)))
            .Where(run => run.Records is [{ Kind: JournalKind.RunStarted } start, ..] && start.Cluster == cluster && (start.Procedure == procedure || (start.Procedure == $"{procedure}-undo" && ExitOf(run.Records) == ExitCode.Done)))
            .OrderByDescending(run => run.Records[0].At)
            .Where(run => ExitOf(run.Records) != ExitCode.Refused && !NeverHadTheLock(run.Records))
            .TakeWhile(run => ExitOf(run.Records) is null or ExitCode.Unexpected or ExitCode.Locked)
            .Reverse().ToList();
        return unfinished.Count == 0
            ? null
            : new(Path.GetFileName(unfinished[^1].Folder), [.. unfinished.Select(run => run.Folder)], Fold(unfinished.SelectMany(run => run.Records)));
    }

    private static IReadOnlyList<JournalRecord> ReadIn(string folder) => Path.Combine(folder, JournalName) is var path && File.Exists(path) ? Journal.Read(path) : [];

    private static bool NeverHadTheLock(IReadOnlyList<JournalRecord> records) =>
        ExitOf(records) == ExitCode.Locked && records.All(record => record.Kind != JournalKind.LockLost);

    /// <summary>Null where there is no last word.</summary>
    public static ExitCode? ExitOf(IReadOnlyList<JournalRecord> records) =>
        records.LastOrDefault(record => record.Kind == JournalKind.RunEnded) is { } end ? (ExitCode)(end.Exit ?? 0) : null;

    private static InheritedSteps Fold(IEnumerable<JournalRecord> records)
    {
        var (begun, ended) = (new HashSet<string>(), new HashSet<string>());
        foreach (var record in records)
        {
            switch (record.Kind)
            {
                case JournalKind.Intent:
                    begun.Add(record.Step);
                    break;
                case JournalKind.Receipt or JournalKind.AlreadyDone:
                    ended.Add(record.Step);
                    break;
                case JournalKind.Undone:
                    begun.Remove(record.Step);
                    ended.Remove(record.Step);
                    break;
            }
        }

        return new(begun, ended);
    }
}

/// <summary>Runs without a last word.</summary>
/// <param name="Run">The newest one's id.</param>
/// <param name="Folders">Their folders, the oldest first.</param>
/// <param name="Steps">What they began: its effects are this procedure's own, and are undone with their lane.</param>
internal sealed record UnfinishedRun(string Run, IReadOnlyList<string> Folders, InheritedSteps Steps);
