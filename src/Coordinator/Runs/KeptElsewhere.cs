using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>Brings in what the agents keep of this cluster's runs and this machine lacks: whole runs, and the ends of those that it knows.</summary>
/// <remarks>So a machine that takes over resumes and rolls back as the first one would have, and one that comes back learns what was done meanwhile.</remarks>
internal sealed class KeptElsewhere(Fleet fleet, IAgents agents, RunFolders folders, IReporter reporter, TimeProvider time)
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    /// <summary>Asks every control-plane agent, and completes this machine's runs. The longest copy of a journal is the true one, as long as all others are its beginning.</summary>
    /// <returns>As many runs as were brought in or completed.</returns>
    /// <exception cref="CommandFault">Two copies differ: it says where both lie, and nothing is guessed.</exception>
    public async Task<int> BringInAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(fleet.ControlPlane.Select(node => AskAsync(node, cancellationToken)));
        var answered = answers.Where(answer => answer.Problem.Length == 0).ToList();
        if (answered.Count < answers.Length)
        {
            SayWhoIsMissing(answers, answered.Count);
        }

        var brought = 0;
        foreach (var run in answered.SelectMany(answer => answer.Runs, (answer, run) => (answer.Node, Run: run)).GroupBy(kept => kept.Run.Run).OrderBy(run => run.Key, StringComparer.Ordinal))
        {
            if (await BringInAsync(run.Key, [.. run], cancellationToken))
            {
                brought++;
            }
        }

        return brought;
    }

    private async Task<bool> BringInAsync(string id, IReadOnlyList<(FleetNode Node, KeptRun Run)> kept, CancellationToken cancellationToken)
    {
        foreach (var (node, run) in kept.Where(copy => copy.Run.Problem.Length > 0))
        {
            reporter.Report(new RunEvent.Note($"{node} cannot read its copy of run {id}: {run.Problem}", Warning: true));
        }

        // A name that comes over the wire becomes a folder's: names only.
        if (!FleetIdentity.IsName(id) || id.Length > 64)
        {
            return false;
        }

        var folder = folders.Of(id);
        var path = Path.Combine(folder, RunFolders.JournalName);
        var local = Journal.Text(path);
        if (kept.All(copy => copy.Run.NextSeq <= (ulong)local.Lines.Count + 1))
        {
            return false;
        }

        var copies = new List<Copy> { new(path, [.. local.Raw.Select(line => Encoding.UTF8.GetString(line.Span))], []) };
        foreach (var (node, _) in kept.Where(copy => copy.Run is { Problem.Length: 0, NextSeq: > 1 }))
        {
            if (await ReadAsync(node, id, cancellationToken) is { } copy)
            {
                copies.Add(copy);
            }
        }

        var longest = copies.MaxBy(copy => copy.Lines.Count)!;
        foreach (var copy in copies)
        {
            EnsureBeginning(id, copy, longest);
        }

        if (longest.Lines.Count <= local.Lines.Count)
        {
            return false;
        }

        Write(folder, path, longest);
        return true;
    }

    private async Task<Answer> AskAsync(FleetNode node, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await agents.On(node).Runs.ListRunsAsync(new() { Cluster = fleet.Cluster }, deadline: Deadline, cancellationToken: cancellationToken);
            return new(node, [.. answer.Runs], "");
        }
        catch (AgentCallException failed)
        {
            return new(node, [], failed.Message);
        }
    }

    private async Task<Copy?> ReadAsync(FleetNode node, string id, CancellationToken cancellationToken)
    {
        try
        {
            using var call = agents.On(node).Runs.ReadRun(new() { Run = id }, deadline: Deadline, cancellationToken: cancellationToken);
            var copy = new Copy($"/var/lib/etcdfleet/runs/{id} on {node}", [], []);
            while (await call.ResponseStream.MoveNext(cancellationToken))
            {
                copy.Lines.AddRange(call.ResponseStream.Current.Lines);
                copy.Documents.AddRange(call.ResponseStream.Current.Attachments);
            }

            return copy;
        }
        catch (AgentCallException failed)
        {
            reporter.Report(new RunEvent.Note($"{node} did not send its copy of run {id}: {failed.Message}", Warning: true));
            return null;
        }
    }

    private static void EnsureBeginning(string id, Copy copy, Copy longest)
    {
        var differs = Enumerable.Range(0, copy.Lines.Count).FirstOrDefault(i => copy.Lines[i] != longest.Lines[i], -1);
        if (differs >= 0)
        {
            throw new CommandFault(ExitCode.Refused, $"found two journals of run {id} that differ from line {differs + 1} on: {copy.Where}, and {longest.Where}; expected one to be the other's beginning, and which of them is true is not guessed. Look at both, and set the wrong one aside. Nothing was changed");
        }
    }

    private void Write(string folder, string path, Copy copy)
    {
        Directory.CreateDirectory(folders.All, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var document in copy.Documents)
        {
            // One of our own stays: it was written before the line that rests on it.
            if (RunDocuments.Of(document.Document) is { } name && Path.Combine(folder, name) is var file && !File.Exists(file))
            {
                AtomicFile.Write(file, document.Content.Span);
            }
        }

        // Last: where the journal is, all of it is.
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(string.Concat(copy.Lines.Select(line => line + "\n"))));
        reporter.Report(new RunEvent.Note($"run {Path.GetFileName(folder)}: its journal comes from {copy.Where}, {copy.Lines.Count} lines", Warning: false));
    }

    private void SayWhoIsMissing(IReadOnlyList<Answer> answers, int answered)
    {
        var few = answered < (answers.Count / 2) + 1 ? "; fewer than half of them answered, so a run of another machine may be unknown here" : "";
        var missing = answers.Where(answer => answer.Problem.Length > 0).Select(answer => $"{answer.Node}: {answer.Problem}");
        reporter.Report(new RunEvent.Note($"not every agent could be asked for the runs of this cluster: {string.Join("; ", missing)}{few}", Warning: true));
    }

    private DateTime Deadline => time.GetUtcNow().UtcDateTime + CallLimit;

    private sealed record Answer(FleetNode Node, IReadOnlyList<KeptRun> Runs, string Problem);

    private sealed record Copy(string Where, List<string> Lines, List<RunAttachment> Documents);
}
