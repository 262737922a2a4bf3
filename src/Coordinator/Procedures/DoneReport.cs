using System.Globalization;
using System.Text;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>A record that stands by itself: when, who, what was planned, what every gate saw, and the DC list, as Markdown.</summary>
internal static class DoneReport
{
    /// <exception cref="CommandFault">The file cannot be written: exit code 1.</exception>
    public static void Write(CommandScope scope, string file, IReadOnlyList<Criterion> criteria, IReadOnlyList<NodeReport> nodes)
    {
        try
        {
            AtomicFile.Write(Path.GetFullPath(file), Encoding.UTF8.GetBytes(Text(scope, criteria, nodes)), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Unexpected, $"found {file} not to be written ({failed.Message}), expected a place for the report; name another one with --report");
        }
    }

    public static string Text(CommandScope scope, IReadOnlyList<Criterion> criteria, IReadOnlyList<NodeReport> nodes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Cluster {scope.Fleet.Cluster}: record of the done criteria\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Taken {scope.Time.GetUtcNow():yyyy-MM-dd HH:mm:ss'Z'} by {Environment.UserName} on {Environment.MachineName} with etcdfleet verify.\n\n");
        text.Append("## Criteria\n\n");
        Table(text, Verify.Columns, criteria.Select(Verify.Row));
        text.Append("\n## Nodes\n\n");
        Table(text, StatusTable.Columns, StatusTable.Rows(scope.Fleet, nodes));
        foreach (var run in Runs(scope))
        {
            Run(text, run.Folder, run.Records);
        }

        return text.ToString();
    }

    /// <summary>The runs of this cluster that this machine remembers and that changed something, the oldest first.</summary>
    private static IEnumerable<(string Folder, IReadOnlyList<JournalRecord> Records)> Runs(CommandScope scope)
    {
        var all = new RunFolders(scope.StateFolder, scope.Time).All;
        return Directory.Exists(all)
            ? Directory.GetDirectories(all).Order(StringComparer.Ordinal).Select(folder => (folder, Records: Read(folder)))
                .Where(run => run.Records is [{ Kind: JournalKind.RunStarted } start, ..] && start.Cluster == scope.Fleet.Cluster && run.Records.Any(record => record.Kind == JournalKind.Receipt))
            : [];
    }

    private static IReadOnlyList<JournalRecord> Read(string folder)
    {
        try
        {
            return Journal.Read(Path.Combine(folder, RunFolders.JournalName));
        }
        catch (Exception damaged) when (damaged is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Run(StringBuilder text, string folder, IReadOnlyList<JournalRecord> records)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## Run {Path.GetFileName(folder)}: {records[0].Procedure}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Began {records[0].At:yyyy-MM-dd HH:mm:ss'Z'}, {records[0].Summary}\n");
        if (Path.Combine(folder, "plan.txt") is var plan && File.Exists(plan))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n```text\n{File.ReadAllText(plan).TrimEnd()}\n```\n");
        }

        text.Append('\n');
        Table(text, ["at", "kind", "step", "took", "what", "figures"], records.Skip(1).Where(record => record.Kind != JournalKind.Intent).Select(record => (IReadOnlyList<string>)
        [
            record.At.UtcDateTime.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture), record.Kind, record.Step,
            record.Milliseconds is { } took ? string.Create(CultureInfo.InvariantCulture, $"{took / 1000:0.0}s") : "",
            record.Kind == JournalKind.RunEnded ? $"exit code {record.Exit ?? 0}: {record.Summary}" : record.Summary,
            string.Join(", ", (record.Facts ?? new Dictionary<string, string>()).Select(fact => $"{fact.Key}={fact.Value}")),
        ]));
    }

    private static void Table(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Row(text, columns);
        Row(text, [.. columns.Select(_ => "---")]);
        foreach (var row in rows)
        {
            Row(text, row);
        }
    }

    private static void Row(StringBuilder text, IReadOnlyList<string> cells) =>
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ")))} |\n");
}
