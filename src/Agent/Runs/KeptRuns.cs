using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Runs;

/// <summary>The rules by which journals are kept: in order, without gaps, never two truths, and within limits.</summary>
internal sealed class KeptRuns(IRunFiles files)
{
    /// <summary>As many runs as are kept. Ended ones make room for a new one, the oldest first; an unfinished one never does.</summary>
    public const int MostRuns = 100;

    /// <summary>Bytes of one journal; a migration of five nodes writes less than a hundredth of it.</summary>
    public const int MostBytes = 8 * 1024 * 1024;

    private readonly Lock _gate = new();

    // The last run's, so that a line more does not read all of them again. The file's bytes are compared: what a hand has changed is seen.
    private (string Run, JournalText Text)? _last;

    /// <summary>Keeps lines and documents of a run; returns the sequence number wanted next.</summary>
    /// <param name="run">A checked name.</param>
    /// <param name="from">The first line's number.</param>
    /// <param name="lines">Checked: whole, and numbered from there on.</param>
    /// <param name="documents">By their files' names.</param>
    /// <exception cref="AgentFault">JOURNAL_CONFLICT, NO_SPACE, IO: what is there is damaged.</exception>
    public ulong Append(string run, ulong from, IReadOnlyList<string> lines, IReadOnlyList<(string File, ReadOnlyMemory<byte> Content)> documents)
    {
        lock (_gate)
        {
            var kept = Load(run);
            var next = (ulong)(kept?.Lines.Count ?? 0) + 1;
            if (from > next)
            {
                return next;
            }

            var known = (int)Math.Min(next - from, (ulong)lines.Count);
            for (var i = 0; i < known; i++)
            {
                var seq = (int)from + i;
                if (!kept!.RawAt(seq - 1).Span.SequenceEqual(Encoding.UTF8.GetBytes(lines[i])))
                {
                    throw new AgentFault(FaultReason.JournalConflict, $"line {seq} of {files.Name(run)} is another one than was sent, expected the same: two coordinators have written run {run}, or one's disk has gone back in time. Compare it with the coordinator's own ('etcdfleet runs show {run}'), and set the wrong one aside by hand.");
                }
            }

            if (next == 1 && lines.Count > 0)
            {
                MakeRoom(run);
            }

            // Documents first: where the lines are, what they rest on is there as well.
            foreach (var (file, content) in documents.Where(document => !document.Content.Span.SequenceEqual(files.Read(run, document.File))))
            {
                files.Write(run, file, content.Span);
            }

            var text = Encoding.UTF8.GetBytes(string.Concat(lines.Skip(known).Select(line => line + "\n")));
            if (text.Length == 0)
            {
                return next;
            }

            var length = kept?.Length ?? 0;
            if (length + text.Length > MostBytes)
            {
                throw new AgentFault(FaultReason.NoSpace, $"the journal of run {run} would have {length + text.Length} bytes, expected at most {MostBytes}. Nothing was added to {files.Name(run)}.");
            }

            files.Append(run, RunName.Journal, length, text);
            byte[] whole = [.. (kept?.Content ?? default).Span[..length], .. text];
            _last = (run, kept is null ? JournalText.Read(whole, JournalOf(run)) : kept.Continue(whole, JournalOf(run)));
            return next + (ulong)(lines.Count - known);
        }
    }

    /// <summary>Newest first. What cannot be read is listed with its problem, never left out.</summary>
    public IReadOnlyList<KeptRun> List(string cluster)
    {
        lock (_gate)
        {
            return [.. files.Runs().Where(RunName.IsName).OrderDescending(StringComparer.Ordinal).Select(Describe).Where(run => cluster.Length == 0 || run.Problem.Length > 0 || run.Cluster == cluster)];
        }
    }

    /// <summary>A run's whole lines and its documents.</summary>
    /// <exception cref="AgentFault">INVALID_REQUEST: no such run; IO: it is damaged.</exception>
    public (IReadOnlyList<string> Lines, IReadOnlyList<RunAttachment> Documents) Read(string run)
    {
        lock (_gate)
        {
            var kept = Load(run) ?? throw new AgentFault(FaultReason.InvalidRequest, $"no run '{run}' is kept here, expected one as ListRuns names it");
            return (
                [.. kept.Raw.Select(line => Encoding.UTF8.GetString(line.Span))],
                [.. from document in RunName.Documents let content = files.Read(run, document.File) where content is not null select new RunAttachment { Document = document.Document, Content = ByteString.CopyFrom(content) }]);
        }
    }

    private JournalText? Load(string run)
    {
        try
        {
            return files.Read(run, RunName.Journal) switch
            {
                null => null,
                { } content when _last is { } last && last.Run == run && last.Text.Is(content) => last.Text,
                { } content => JournalText.Read(content, JournalOf(run)),
            };
        }
        catch (InvalidDataException damaged)
        {
            throw new AgentFault(FaultReason.Io, $"{damaged.Message}; expected what the agent wrote. Set {files.Name(run)} aside by hand; the coordinator sends its own once more.", damaged);
        }
    }

    private string JournalOf(string run) => $"{files.Name(run)}/{RunName.Journal}";

    private KeptRun Describe(string run)
    {
        try
        {
            return Load(run) is { Lines: [var first, ..] } kept
                ? new() { Run = run, Cluster = first.Cluster, Procedure = first.Procedure, Started = first.At.ToTimestamp(), NextSeq = (ulong)kept.Lines.Count + 1, Ended = kept.Ended }
                : new() { Run = run, NextSeq = 1 };
        }
        catch (Exception problem) when (problem is AgentFault or IOException or UnauthorizedAccessException)
        {
            return new() { Run = run, Problem = problem.Message };
        }
    }

    private void MakeRoom(string run)
    {
        var others = files.Runs().Where(other => other != run).Order(StringComparer.Ordinal).ToList();
        foreach (var other in others.ToList())
        {
            if (others.Count < MostRuns)
            {
                return;
            }

            if (Describe(other).Ended)
            {
                files.Remove(other);
                others.Remove(other);
            }
        }

        if (others.Count >= MostRuns)
        {
            throw new AgentFault(FaultReason.NoSpace, $"{others.Count} runs without a last word are kept here, expected fewer than {MostRuns}. They are never dropped: look at them ('etcdfleet runs list'), and set aside by hand those below {files.Name("")} that nobody wants to resume.");
        }
    }
}
