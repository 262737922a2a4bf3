using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Runs;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>Goes on where a run ended without a last word, with the plan that it was begun with.</summary>
internal static class Resume
{
    /// <param name="scope">Around the command.</param>
    /// <param name="run">An id, or empty for the newest unfinished run of this cluster.</param>
    /// <param name="options">Deadlines of this time; what was agreed to then still counts.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    public static async Task<ExitCode> RunAsync(CommandScope scope, string run, RunOptions options, CancellationToken cancellationToken)
    {
        var folders = new RunFolders(scope.StateFolder, scope.Time);
        (string Run, JournalRecord Start)? one;
        try
        {
            using var etcd = scope.State is null ? null : await scope.State.OpenAsync(scope.Fleet, scope.Agents, scope.Time, cancellationToken);
            await new KeptElsewhere(scope.Fleet, scope.Agents, folders, scope.Reporter, scope.Time, etcd).BringInAsync(cancellationToken);
            one = Find(scope, folders, run);
        }
        catch (InvalidDataException damaged)
        {
            scope.Reporter.Error(ExitCode.Refused, $"{damaged.Message}; expected a journal, and what its run did is not guessed: set the run's folder aside, and what the agents keep of it is taken. Nothing was changed");
            return ExitCode.Refused;
        }

        if (one is not { } found)
        {
            return ExitCode.Refused;
        }

        var change = Changes.Of(scope, found.Start, options);
        var planned = Path.Combine(folders.Of(found.Run), RunDocuments.PlanName);
        if (File.Exists(planned) && await File.ReadAllTextAsync(planned, cancellationToken) is var frozen && frozen != PlanText.Of(change.Plan))
        {
            scope.Reporter.Error(ExitCode.Refused, $"run {found.Run} was begun with another plan than this inventory gives today ({planned}); expected the same nodes and settings. Put the inventory back as it was, or begin a new '{found.Start.Procedure}'. Nothing was changed");
            return ExitCode.Refused;
        }

        scope.Reporter.Report(new RunEvent.Note($"goes on where {found.Run} ended: {found.Start.Procedure}, begun {found.Start.At:yyyy-MM-dd HH:mm:ss'Z'}", Warning: false));
        return await change.RunAsync(scope, cancellationToken);
    }

    /// <summary>The newest run of this cluster without a last word; null where all have one.</summary>
    /// <exception cref="InvalidDataException">A journal is damaged.</exception>
    public static UnfinishedRun? Newest(CommandScope scope, RunFolders folders)
    {
        string[] procedures = [Migrate.Procedure, Rollback.Procedure, Restore.Procedure, UndoRestore.Procedure];
        return procedures.Select(procedure => folders.FindUnfinished(scope.Fleet.Cluster, procedure)).OfType<UnfinishedRun>().MaxBy(unfinished => unfinished.Run, StringComparer.Ordinal);
    }

    /// <summary>The run's first record; null, with the reason said, when there is nothing to go on with.</summary>
    private static (string Run, JournalRecord Start)? Find(CommandScope scope, RunFolders folders, string run)
    {
        if (run.Length == 0)
        {
            if (Newest(scope, folders) is not { } newest)
            {
                scope.Reporter.Error(ExitCode.Refused, $"found no run of cluster {scope.Fleet.Cluster} without a last word in {folders.All}, expected one; 'etcdfleet runs list' shows all. Nothing was changed");
                return null;
            }

            run = newest.Run;
        }

        var journal = Path.Combine(folders.Of(run), RunFolders.JournalName);
        if (Path.GetFileName(run) != run || !File.Exists(journal))
        {
            scope.Reporter.Error(ExitCode.Refused, $"found no run '{run}' in {folders.All}, expected one of 'etcdfleet runs list'. Nothing was changed");
            return null;
        }

        var records = Journal.Read(journal);
        if (records is not [{ Kind: JournalKind.RunStarted } start, ..] || start.Cluster != scope.Fleet.Cluster)
        {
            scope.Reporter.Error(ExitCode.Refused, $"run {run} is not of cluster {scope.Fleet.Cluster}, expected one of its own. Nothing was changed");
            return null;
        }

        if (records[^1] is { Kind: JournalKind.RunEnded } end && (ExitCode)(end.Exit ?? 0) is not (ExitCode.Unexpected or ExitCode.Locked))
        {
            scope.Reporter.Error(ExitCode.Refused, $"run {run} came to its end with exit code {end.Exit ?? 0}, expected one without a last word: begin a new '{start.Procedure}', which leaves alone what is done. Nothing was changed");
            return null;
        }

        return (run, start);
    }
}
