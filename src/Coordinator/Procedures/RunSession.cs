using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.Runs;
using EtcdFleet.Coordinator.States;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>One run of a plan from its lock to its last journal line: what every procedure that changes something has around it.</summary>
/// <param name="folder">Of this machine's runs.</param>
/// <param name="fleet">The inventory.</param>
/// <param name="agents">Its agents.</param>
/// <param name="reporter">The way to the operator's eyes.</param>
/// <param name="time">Every clock.</param>
/// <param name="state">The etcd that keeps lock and journal as well; null: there is none.</param>
internal sealed class RunSession(string folder, Fleet fleet, IAgents agents, IReporter reporter, TimeProvider time, StatePlace? state = null)
{
    private readonly RunFolders _folders = new(folder, time);

    /// <summary>Runs the plan. However that ends, short of this process dying, the journal's last record says how.</summary>
    /// <param name="plan">Shown to the operator and agreed to.</param>
    /// <param name="options">From the command line.</param>
    /// <param name="arguments">What was typed, for the journal.</param>
    /// <param name="evidence">Shown after a run that ended well, from what the journal holds.</param>
    /// <param name="cancellationToken">The operator's Ctrl-C.</param>
    public async Task<ExitCode> RunAsync(Plan plan, RunOptions options, IReadOnlyDictionary<string, string> arguments, Action<Plan, IReadOnlyList<JournalRecord>> evidence, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var id = _folders.NewId();
        using var etcd = state is null ? null : await state.OpenAsync(fleet, agents, time, cancellationToken);
        using var held = RunLock.TryTake(_folders.Lock(fleet.Cluster), $"run {id}, process {Environment.ProcessId}", out var holder);
        if (held is null)
        {
            reporter.Error(ExitCode.Locked, $"{holder} works on cluster {fleet.Cluster} from this machine, expected no other run: wait for it to end");
            return ExitCode.Locked;
        }

        UnfinishedRun? unfinished;
        try
        {
            await new KeptElsewhere(fleet, agents, _folders, reporter, time, etcd).BringInAsync(cancellationToken);
            unfinished = _folders.FindUnfinished(fleet.Cluster, plan.Procedure);
        }
        catch (InvalidDataException damaged)
        {
            reporter.Error(ExitCode.Unexpected, $"{damaged.Message}; expected a journal, and what its run did is not guessed: look at 'etcdfleet status', move the run's folder out of {_folders.All}, and start again. Nothing was changed");
            return ExitCode.Unexpected;
        }

        var run = new Run(id, _folders.Of(id), fleet, options, unfinished?.Steps ?? InheritedSteps.None);
        using var mirror = new RunMirrors(new(run, agents, reporter, time), etcd is null ? null : new(etcd, run, reporter, time));
        using var journal = Begin(run, mirror, new() { Kind = JournalKind.RunStarted, Procedure = plan.Procedure, Cluster = fleet.Cluster, Facts = arguments, Summary = unfinished is null ? "" : $"goes on where {unfinished.Run} ended without a last word" });
        if (journal is null)
        {
            return ExitCode.Unexpected;
        }

        var outcome = await OutcomeAsync(plan, run, journal, mirror, unfinished, cancellationToken);
        End(journal, outcome);
        await mirror.FinishAsync();
        ShowEvidence(plan, run, outcome, unfinished is not null, evidence);
        reporter.Report(new RunEvent.RunEnded(id, outcome.Exit, outcome.Why, time.GetElapsedTime(started)));
        return outcome.Exit;
    }

    /// <summary>Null, with the reason said, where this machine's disk does not take it: nothing was begun, so there is no last word to miss.</summary>
    private Journal? Begin(Run run, RunMirrors mirror, JournalRecord first)
    {
        Journal? journal = null;
        try
        {
            journal = Journal.Begin(run.Folder, time, mirror);
            journal.Write(first);
            return journal;
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            journal?.Dispose();
            reporter.Error(ExitCode.Unexpected, $"found no journal to be begun in {run.Folder} ({full.Message}), expected room and the right to write: without a record nothing is changed. Make room, or name another folder with --state. Nothing was changed");
            return null;
        }
    }

    private async Task<RunOutcome> OutcomeAsync(Plan plan, Run run, Journal journal, RunMirrors mirror, UnfinishedRun? unfinished, CancellationToken cancellationToken)
    {
        try
        {
            AtomicFile.Write(Path.Combine(run.Folder, RunDocuments.PlanName), System.Text.Encoding.UTF8.GetBytes(PlanText.Of(plan)));
            reporter.Report(new RunEvent.RunStarted(run.Id, plan.Procedure, run.Folder, time.GetUtcNow()));
            if (unfinished is not null)
            {
                Inherit(unfinished, plan, run.Folder);
            }

            await journal.KeptAsync(cancellationToken); // before the first look: from here on another machine knows of it
        }
        catch (Exception full) when (full is IOException or UnauthorizedAccessException)
        {
            return new(ExitCode.Refused, $"found {run.Folder} not to be written ({full.Message}), expected the run's plan and record in it before anything changes: make room, or name another folder with --state. Nothing was changed");
        }
        catch (StepFault away)
        {
            return new(ExitCode.Refused, $"{away.Message}. Nothing was changed");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new(ExitCode.Cancelled, "cancelled while it waited for the state's etcd; nothing was changed");
        }

        try
        {
            var there = mirror.State?.Taking(plan.Procedure, new LeaseRecord(journal, reporter));
            return await new LeasedRun(run, agents, reporter, journal, time, there).AroundAsync(
                async leased =>
                {
                    mirror.Agents.Fence = () => (leased as LeasedAgents)?.Fence ?? 0;
                    return await new PlanRunner(await SettledAsync(run, plan, mirror.State?.Etcd, cancellationToken), leased, reporter, journal, time).RunAsync(plan, cancellationToken);
                },
                cancellationToken);
        }
        catch (Exception unforeseen)
        {
            return new(ExitCode.Unexpected, $"{unforeseen.GetType().Name}: {unforeseen.Message}; look at 'etcdfleet status' before anything else");
        }
    }

    /// <summary>The run, by what the agents know now that it has the lock: another machine's run may have come to its end while this one waited for it.</summary>
    private async Task<Run> SettledAsync(Run run, Plan plan, StateEtcd? etcd, CancellationToken cancellationToken) =>
        await new KeptElsewhere(fleet, agents, _folders, reporter, time, etcd).BringInAsync(cancellationToken) > 0
            ? run with { Inherited = _folders.FindUnfinished(fleet.Cluster, plan.Procedure)?.Steps ?? InheritedSteps.None }
            : run;

    /// <summary>What a run shows at its end is worth less than its end: evidence that cannot be made changes no outcome.</summary>
    private void ShowEvidence(Plan plan, Run run, RunOutcome outcome, bool resumed, Action<Plan, IReadOnlyList<JournalRecord>> evidence)
    {
        try
        {
            var records = Journal.Read(Path.Combine(run.Folder, RunFolders.JournalName));
            if (resumed)
            {
                FoundDone.Show(reporter, plan, records);
            }

            if (outcome.Exit == ExitCode.Done)
            {
                evidence(plan, records);
            }
        }
        catch (Exception missing)
        {
            reporter.Report(new RunEvent.Note($"the evidence of run {run.Id} could not be shown: {missing.GetType().Name}: {missing.Message}; 'etcdfleet runs show {run.Id}' has the record", Warning: true));
        }
    }

    /// <summary>The last word. Where the disk is full it is lost, and the next run goes on as after a coordinator that died.</summary>
    private void End(Journal journal, RunOutcome outcome)
    {
        try
        {
            journal.Write(new() { Kind = JournalKind.RunEnded, Exit = (int)outcome.Exit, Summary = outcome.Why });
        }
        catch (Exception full)
        {
            reporter.Report(new RunEvent.Note($"the run's end could not be written to the journal: {full.Message}", Warning: true));
        }
    }

    /// <summary>What an unfinished run recorded before it changed anything is the truth to compare with, and so it is this run's as well.</summary>
    /// <remarks>Of a run that had not begun to change anything it is not taken: members may have come and gone since.</remarks>
    private void Inherit(UnfinishedRun unfinished, Plan plan, string into)
    {
        reporter.Report(new RunEvent.Note($"run {unfinished.Run} ended without a last word; this one goes on where it was", Warning: true));
        var before = unfinished.Folders.Select(earlier => Path.Combine(earlier, Steps.RecordCluster.FileName)).FirstOrDefault(File.Exists);
        if (before is not null && plan.Steps.Any(step => !step.Step.Prepares && unfinished.Steps.Begun.Contains(step.Id.ToString())))
        {
            AtomicFile.Write(Path.Combine(into, Steps.RecordCluster.FileName), File.ReadAllBytes(before));
        }
    }
}
