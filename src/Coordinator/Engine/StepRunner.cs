using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Runs or undoes one step: look, intent, apply, receipt. Everything that goes wrong becomes an outcome here, and nowhere else.</summary>
/// <remarks>All but a lost lock: whoever has it now decides what becomes of this node, so nothing is done or undone any more, and the run ends.</remarks>
internal sealed class StepRunner(Run run, IAgents agents, IReporter reporter, Journal journal, TimeProvider time)
{
    /// <summary>An agent that dies in every one of them needs hands.</summary>
    private const int UndoAttempts = 3;

    /// <summary>Long enough for a machine that goes down to be down.</summary>
    private static readonly TimeSpan UndoPause = TimeSpan.FromSeconds(5);

    private readonly AgentPatience _patience = new(run.Options, time);

    /// <summary>Looks how far a node is; an agent that is restarting is waited for.</summary>
    public async Task<LookEnd> LookAsync(LaneLook look, StepPlace place, CancellationToken cancellationToken)
    {
        var context = Context(place);
        try
        {
            var state = await _patience.UntilAnsweredAsync(() => look.AskAsync(context, cancellationToken), Waiting(context), cancellationToken);
            return new(state, StepResult.Done, "");
        }
        catch (Exception failure) when (failure is not LeaseLostException)
        {
            var ended = Failed(place, failure, began: false, cancellationToken);
            return new(LaneState.Untouched, ended.Result, ended.Detail);
        }
    }

    /// <summary>Leaves out a step of a node on which the lane's work is there already.</summary>
    public void Skip(Step step, StepPlace place)
    {
        const string Why = "this node is past it";
        reporter.Report(new RunEvent.StepStarted(place.Id, place.Number, place.Of, step.Summary, Undoing: false));
        Note(new() { Kind = JournalKind.AlreadyDone, Step = place.Id.ToString(), Summary = Why });
        reporter.Report(new RunEvent.StepEnded(place.Id, place.Number, place.Of, step.Summary, Undoing: false, StepResult.AlreadyDone, Why, TimeSpan.Zero));
    }

    /// <param name="step">What to do.</param>
    /// <param name="place">Where in its lane.</param>
    /// <param name="cancellationToken">The operator's Ctrl-C.</param>
    /// <param name="afterUndo">A gate behind an undo, which like that one goes on without a record where the disk is full.</param>
    public async Task<StepEnd> RunAsync(Step step, StepPlace place, CancellationToken cancellationToken, bool afterUndo = false)
    {
        var started = time.GetTimestamp();
        var context = Context(place, takesBack: step.Insists);
        reporter.Report(new RunEvent.StepStarted(place.Id, place.Number, place.Of, step.Summary, Undoing: false));
        StepEnd ended;
        var began = false;
        // A check of the whole fleet changes nothing, and nothing would undo what stands before it: a full disk of this machine must not end a migration that is done in exit code 5.
        // Whatever is to be changed after it has no intent then, and is not begun.
        // What nothing takes back must not end half-way for it either: the agents' own records say how far it is.
        var unrecorded = afterUndo || step.Insists || (step.Prepares && place.Node is null);
        try
        {
            switch (await _patience.UntilAnsweredAsync(() => step.LookAsync(context, cancellationToken), Waiting(context), cancellationToken))
            {
                case Look.AlreadyDone done:
                    ended = Already(place, done.Receipt);
                    break;
                case Look.Refused refused:
                    ended = Refused(place, string.Join("; ", refused.Reasons), began);
                    break;
                default:
                    Record(new() { Kind = JournalKind.Intent, Step = place.Id.ToString(), Operation = context.Operation.Id, Summary = step.Summary }, unrecorded);
                    await (afterUndo || step.Insists ? journal.MirroredAsync() : journal.KeptAsync(cancellationToken));
                    began = true;
                    ended = await ApplyAsync(step, place, context, started, unrecorded, cancellationToken);
                    break;
            }
        }
        catch (Exception failure) when (failure is not LeaseLostException)
        {
            ended = Failed(place, failure, began, cancellationToken);
        }

        reporter.Report(new RunEvent.StepEnded(place.Id, place.Number, place.Of, step.Summary, Undoing: false, ended.Result, ended.Detail, time.GetElapsedTime(started)));
        return ended;
    }

    /// <summary>Undoes a step. An agent that went away is waited for, and a call whose answer got lost is repeated with its own id (rule 7).</summary>
    public async Task<StepEnd> UndoAsync(Step step, StepPlace place)
    {
        var started = time.GetTimestamp();
        var context = Context(place, takesBack: true);
        reporter.Report(new RunEvent.StepStarted(place.Id, place.Number, place.Of, step.Undo.How, Undoing: true));
        StepEnd ended;
        try
        {
            var receipt = await TakeBackAsync(step, place, context);
            Note(new() { Kind = JournalKind.Undone, Step = place.Id.ToString(), Changed = receipt.Changed, Summary = receipt.Summary, Facts = receipt.Facts, Milliseconds = Milliseconds(started) });
            ended = new(StepResult.Undone, receipt.Summary, receipt.Changed);
        }
        catch (Exception failure) when (failure is not LeaseLostException)
        {
            Note(new() { Kind = JournalKind.UndoFailed, Step = place.Id.ToString(), Summary = failure.Message, Milliseconds = Milliseconds(started) });
            ended = new(StepResult.UndoFailed, failure.Message);
        }

        reporter.Report(new RunEvent.StepEnded(place.Id, place.Number, place.Of, step.Undo.How, Undoing: true, ended.Result, ended.Detail, time.GetElapsedTime(started)));
        return ended;
    }

    /// <summary>An undo looks at what is there, so it can be asked for anew, under another id: when the agent died in it and its successor did not begin it, or could not finish it because systemd
    /// was starting etcd.service at that boot; and when a machine that goes down has answered once more, without its systemd.</summary>
    private async Task<Receipt> TakeBackAsync(Step step, StepPlace place, StepContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            Note(new() { Kind = JournalKind.UndoIntent, Step = place.Id.ToString(), Operation = context.Operation.Id, Summary = step.Undo.How });
            await journal.MirroredAsync();
            try
            {
                return await _patience.UntilAnsweredAsync(() => step.UndoAsync(context, CancellationToken.None), Waiting(context), CancellationToken.None);
            }
            catch (AgentCallException failed) when (failed.Reason is FaultReason.Interrupted or FaultReason.Io or FaultReason.ProgramFailed && attempt < UndoAttempts)
            {
                if (failed.Reason != FaultReason.Interrupted)
                {
                    Waiting(context)(failed.Message);
                    await Task.Delay(UndoPause * attempt, time);
                }

                context = Context(place, takesBack: true);
            }
        }
    }

    private async Task<StepEnd> ApplyAsync(Step step, StepPlace place, StepContext context, long started, bool unrecorded, CancellationToken cancellationToken)
    {
        // A verb is never cut off in the middle: the operator's Ctrl-C counts for waits, and between steps. A node that is busy has not
        // begun our verb: the one of a coordinator that died may still be at work.
        var token = step.Time is StepTime.Gate or StepTime.PodStop or StepTime.ApiServerRestart ? cancellationToken : CancellationToken.None;
        // A step that changes nothing is asked for again when its answer got lost; what became of another one is for its undo to find out.
        var receipt = step.Insists ? await InsistAsync(step, place, context)
            : step.Prepares ? await _patience.UntilAnsweredAsync(() => step.ApplyAsync(context, token), Waiting(context), cancellationToken)
            : await _patience.UntilFreeAsync(() => step.ApplyAsync(context, token), Waiting(context), cancellationToken);
        Record(new() { Kind = JournalKind.Receipt, Step = place.Id.ToString(), Changed = receipt.Changed, Summary = receipt.Summary, Facts = receipt.Facts, Milliseconds = Milliseconds(started) }, unrecorded);
        return new(StepResult.Done, receipt.Summary, receipt.Changed, Began: true);
    }

    /// <summary>What nothing takes back is carried through, by the same means as an undo.</summary>
    private async Task<Receipt> InsistAsync(Step step, StepPlace place, StepContext context)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await _patience.UntilAnsweredAsync(() => step.ApplyAsync(context, CancellationToken.None), Waiting(context), CancellationToken.None);
            }
            catch (AgentCallException interrupted) when (interrupted.Reason is FaultReason.Interrupted && attempt < UndoAttempts)
            {
                context = Context(place, takesBack: true);
                Note(new() { Kind = JournalKind.Intent, Step = place.Id.ToString(), Operation = context.Operation.Id, Summary = step.Summary });
            }
        }
    }

    private StepEnd Already(StepPlace place, Receipt receipt)
    {
        journal.Write(new() { Kind = JournalKind.AlreadyDone, Step = place.Id.ToString(), Summary = receipt.Summary, Facts = receipt.Facts });
        return new(StepResult.AlreadyDone, receipt.Summary);
    }

    private StepEnd Refused(StepPlace place, string why, bool began)
    {
        Note(new() { Kind = JournalKind.Refused, Step = place.Id.ToString(), Summary = why });
        return new(StepResult.Refused, why, Began: began);
    }

    private StepEnd Failed(StepPlace place, Exception failure, bool began, CancellationToken cancellationToken)
    {
        if (failure is AgentCallException { Refused: true } or StepFault { Refused: true })
        {
            return Refused(place, failure.Message, began);
        }

        var cancelled = failure is OperationCanceledException && cancellationToken.IsCancellationRequested;
        var detail = failure is AgentCallException or StepFault ? failure.Message : $"{failure.GetType().Name}: {failure.Message}";
        Note(new() { Kind = JournalKind.Failed, Step = place.Id.ToString(), Summary = cancelled ? "cancelled by the operator" : detail });
        return new(cancelled ? StepResult.Cancelled : StepResult.Failed, cancelled ? "cancelled by the operator" : detail, Began: began);
    }

    private void Record(JournalRecord record, bool unrecorded)
    {
        if (unrecorded)
        {
            Note(record);
        }
        else
        {
            journal.Write(record);
        }
    }

    /// <summary>Writes down how something went wrong. A full disk of this machine is no reason to leave a node without its etcd: the undo goes on without a record.</summary>
    private void Note(JournalRecord record)
    {
        try
        {
            journal.Write(record);
        }
        catch (Exception full)
        {
            reporter.Report(new RunEvent.Note($"'{record.Kind} {record.Step}' could not be written to the journal: {full.Message}", Warning: true));
        }
    }

    private static Action<string> Waiting(StepContext context) => reason => context.Report(reason, 0, 0);

    private StepContext Context(StepPlace place, bool takesBack = false) => new()
    {
        Fleet = run.Fleet,
        Agents = agents,
        Operation = new() { Id = Guid.NewGuid().ToString("N"), Run = run.Id, Step = place.Id.ToString(), TakesBack = takesBack },
        Time = time,
        Report = (doing, done, total) => reporter.Report(new RunEvent.StepProgress(place.Id, doing, done, total)),
        Found = Found,
        RunFolder = run.Folder,
        Options = run.Options,
    };

    private void Found(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings.Where(finding => finding.Severity != Severity.Pass))
        {
            journal.Write(new() { Kind = JournalKind.Finding, Step = $"{finding.Severity}/{finding.Node}/{finding.Check}", Summary = $"{finding.Found}; {finding.Fix}" });
        }

        reporter.Report(new RunEvent.ChecksEnded(findings));
    }

    private double Milliseconds(long started) => Math.Round(time.GetElapsedTime(started).TotalMilliseconds, 1);
}
