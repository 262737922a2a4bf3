using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.States;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>Brings in what the agents, and the etcd of the fleet's state, keep of this cluster's runs and this machine lacks: whole runs, and the ends of those that it knows.</summary>
/// <remarks>So a machine that takes over resumes and rolls back as the first one would have, and one that comes back learns what was done meanwhile.</remarks>
/// <param name="fleet">The inventory.</param>
/// <param name="agents">Null: they are not asked.</param>
/// <param name="folders">This machine's runs.</param>
/// <param name="reporter">Told what was brought in, and who did not answer.</param>
/// <param name="time">Of the calls' limits.</param>
/// <param name="state">Null: there is none.</param>
internal sealed class KeptElsewhere(Fleet fleet, IAgents? agents, RunFolders folders, IReporter reporter, TimeProvider time, StateEtcd? state = null)
{
    /// <summary>Asks every place, and completes this machine's runs. The longest copy of a journal is the true one, as long as all others are its beginning.</summary>
    /// <returns>As many runs as were brought in or completed.</returns>
    /// <exception cref="CommandFault">Two copies differ: it says where both lie, and nothing is guessed. Or the state's etcd does not answer.</exception>
    public async Task<int> BringInAsync(CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(Places().Select(place => AskAsync(place, cancellationToken)));
        var answered = answers.Where(answer => answer.Problem.Length == 0).ToList();
        if (answered.Count < answers.Length)
        {
            SayWhoIsMissing(answers);
        }

        var brought = 0;
        foreach (var run in answered.SelectMany(answer => answer.Runs, (answer, run) => (answer.Place, Run: run)).GroupBy(kept => kept.Run.Run).OrderBy(run => run.Key, StringComparer.Ordinal))
        {
            if (await BringInAsync(run.Key, [.. run], cancellationToken))
            {
                brought++;
            }
        }

        return brought;
    }

    private IEnumerable<IKeptRuns> Places()
    {
        IEnumerable<IKeptRuns> those = agents is null ? [] : fleet.ControlPlane.Select(node => new AgentRuns(fleet, node, agents, time));
        return state is null ? those : those.Append(new StateRuns(state, new(state.Address.Prefix, fleet.Cluster)));
    }

    private async Task<bool> BringInAsync(string id, IReadOnlyList<(IKeptRuns Place, KeptRun Run)> kept, CancellationToken cancellationToken)
    {
        foreach (var (place, run) in kept.Where(copy => copy.Run.Problem.Length > 0))
        {
            reporter.Report(new RunEvent.Note($"{place.Name} cannot read its copy of run {id}: {run.Problem}", Warning: true));
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

        var copies = new List<RunCopy> { new(path, [.. local.Raw.Select(line => Encoding.UTF8.GetString(line.Span))], []) };
        foreach (var (place, run) in kept.Where(copy => copy.Run is { Problem.Length: 0, NextSeq: > 1 }))
        {
            if (await ReadAsync(place, run, cancellationToken) is { } copy)
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

    private static async Task<Answer> AskAsync(IKeptRuns place, CancellationToken cancellationToken)
    {
        try
        {
            return new(place, await place.ListAsync(cancellationToken), "");
        }
        catch (AgentCallException failed)
        {
            return new(place, [], failed.Message);
        }
    }

    /// <summary>Null, with the reason said, where a copy cannot be had or is damaged: then another one has to do.</summary>
    private async Task<RunCopy?> ReadAsync(IKeptRuns place, KeptRun run, CancellationToken cancellationToken)
    {
        try
        {
            var copy = await place.ReadAsync(run.Run, cancellationToken);
            var whole = JournalText.Read(Encoding.UTF8.GetBytes(Text(copy)), copy.Where).Lines.Count;
            copy.Lines.RemoveRange(whole, copy.Lines.Count - whole); // a torn end, as in a file: nobody had acted on it
            return (ulong)whole + 1 >= run.NextSeq ? copy : throw new InvalidDataException($"{copy.Where} has {whole} lines, and is said to have {run.NextSeq - 1}");
        }
        catch (AgentCallException failed)
        {
            reporter.Report(new RunEvent.Note($"{place.Name} did not send its copy of run {run.Run}: {failed.Message}", Warning: true));
        }
        catch (InvalidDataException damaged)
        {
            reporter.Report(new RunEvent.Note($"a copy of run {run.Run} is not taken: {damaged.Message}", Warning: true));
        }

        return null;
    }

    private static string Text(RunCopy copy) => string.Concat(copy.Lines.Select(line => line + "\n"));

    private static void EnsureBeginning(string id, RunCopy copy, RunCopy longest)
    {
        var differs = Enumerable.Range(0, copy.Lines.Count).FirstOrDefault(i => copy.Lines[i] != longest.Lines[i], -1);
        if (differs >= 0)
        {
            throw new CommandFault(ExitCode.Refused, $"found two journals of run {id} that differ from line {differs + 1} on: {copy.Where}, and {longest.Where}; expected one to be the other's beginning, and which of them is true is not guessed. Look at both, and set the wrong one aside. Nothing was changed");
        }
    }

    private void Write(string folder, string path, RunCopy copy)
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
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Text(copy)));
        reporter.Report(new RunEvent.Note($"run {Path.GetFileName(folder)}: its journal comes from {copy.Where}, {copy.Lines.Count} lines", Warning: false));
    }

    private void SayWhoIsMissing(IReadOnlyList<Answer> answers)
    {
        var those = answers.Where(answer => answer.Place is AgentRuns).ToList();
        var few = those.Count(answer => answer.Problem.Length == 0) < (those.Count / 2) + 1 ? "; fewer than half of them answered, so a run of another machine may be unknown here" : "";
        var missing = those.Where(answer => answer.Problem.Length > 0).Select(answer => $"{answer.Place.Name}: {answer.Problem}");
        reporter.Report(new RunEvent.Note($"not every agent could be asked for the runs of this cluster: {string.Join("; ", missing)}{few}", Warning: true));
    }

    private sealed record Answer(IKeptRuns Place, IReadOnlyList<KeptRun> Runs, string Problem);
}
