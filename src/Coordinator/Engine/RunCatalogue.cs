using System.Globalization;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>The runs below a state folder, read from their journals.</summary>
internal sealed class RunCatalogue(RunFolders folders) : IRunCatalogue
{
    public IReadOnlyList<string> RunColumns { get; } = ["seq", "at", "kind", "step", "took", "what"];

    public IReadOnlyList<RunSummary> List() => Directory.Exists(folders.All)
        ? [.. Directory.GetDirectories(folders.All).OrderDescending(StringComparer.Ordinal).Select(Summary)]
        : [];

    public IReadOnlyList<string[]>? Show(string id)
    {
        // An id is a name and never a path.
        var journal = Path.Combine(folders.Of(id), RunFolders.JournalName);
        return Path.GetFileName(id) == id && File.Exists(journal) ? [.. Journal.Read(journal).Select(Row)] : null;
    }

    private static RunSummary Summary(string folder)
    {
        var run = Path.GetFileName(folder);
        try
        {
            return Journal.Read(Path.Combine(folder, RunFolders.JournalName)) is [{ Kind: JournalKind.RunStarted } start, ..] records
                ? Summary(run, start, records[^1])
                : new(run, "", "", Directory.GetCreationTimeUtc(folder), null, "its journal is empty");
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return new(run, "", "", Directory.GetCreationTimeUtc(folder), null, $"its journal cannot be read: {error.Message}");
        }
    }

    private static RunSummary Summary(string run, JournalRecord start, JournalRecord last) => last.Kind == JournalKind.RunEnded
        ? new(run, start.Procedure, start.Cluster, start.At, last.At, $"exit code {last.Exit ?? 0}{(last.Summary.Length > 0 ? ": " : "")}{last.Summary}")
        : new(run, start.Procedure, start.Cluster, start.At, null, $"no last word: at work, or its coordinator died; last: {last.Kind} {last.Step}".TrimEnd());

    private static string[] Row(JournalRecord record) =>
    [
        record.Seq.ToString(CultureInfo.InvariantCulture),
        record.At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        record.Kind,
        record.Step,
        record.Milliseconds is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0}s") : "",
        record.Kind == JournalKind.RunEnded ? $"exit code {record.Exit ?? 0}{(record.Summary.Length > 0 ? ": " : "")}{record.Summary}" : record.Summary,
    ];
}
