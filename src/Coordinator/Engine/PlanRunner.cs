using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>The one interpreter of plans: order, journal, undo, progress and time are its business and nobody else's.</summary>
internal sealed class PlanRunner(Run run, IAgents agents, IReporter reporter, Journal journal, TimeProvider time)
{
    private readonly LaneRunner _lanes = new(run, agents, reporter, journal, time);

    /// <summary>Runs a plan to its end, to a failure that has been undone, or to where the operator stopped it.</summary>
    public async Task<RunOutcome> RunAsync(Plan plan, CancellationToken cancellationToken)
    {
        var changed = false;
        var standing = new Stack<Stage>();
        foreach (var stage in plan.Stages)
        {
            reporter.Report(new RunEvent.StageStarted(stage.Id, stage.Title, stage.Order, stage.Lanes.Count));
            var outcome = await RunStageAsync(stage, cancellationToken);
            if (changed && outcome.Result is LaneResult.Undone or LaneResult.Refused && stage.Lanes.All(lane => lane.Node is null))
            {
                // The proof at the end: there is no undo for it, and "failed and undone" would be a lie.
                return new(ExitCode.UndoFailed, $"{outcome.Why}; what was done before it stands, and nothing undoes it by itself: look at 'etcdfleet status'");
            }

            changed |= outcome.Changed;
            if (outcome.Result != LaneResult.Done)
            {
                outcome = outcome.Result == LaneResult.Undone ? await UndoStandingAsync(standing, outcome) : outcome;
                return new(ExitOf(outcome.Result, changed), outcome.Why);
            }

            if (stage.UndoneWithLater && (outcome.Changed || WasBegun(stage)))
            {
                standing.Push(stage);
            }
        }

        return new(ExitCode.Done, changed ? "done" : "everything was already as it should be");
    }

    private async Task<LaneOutcome> RunStageAsync(Stage stage, CancellationToken cancellationToken)
    {
        var looks = await Task.WhenAll(stage.Lanes.Select(async lane => (Lane: lane, Found: await _lanes.LookAsync(stage, lane, cancellationToken))));
        if (looks.FirstOrDefault(look => look.Found.Result != StepResult.Done) is { Lane: not null } blind)
        {
            return new(blind.Found.Result == StepResult.Cancelled ? LaneResult.Cancelled : LaneResult.Undone, false, $"{stage.Id}/{blind.Lane.Name}: {blind.Found.Detail}");
        }

        if (stage.Order == LaneOrder.Together)
        {
            var outcomes = await Task.WhenAll(looks.Select(look => _lanes.RunAsync(stage, look.Lane, look.Found.State, cancellationToken)));
            var worst = outcomes.MaxBy(outcome => outcome.Result) ?? LaneOutcome.Done(false);
            return worst with
            {
                Changed = outcomes.Any(outcome => outcome.Changed),
                Why = string.Join("; ", outcomes.Where(outcome => outcome.Result == worst.Result && outcome.Why.Length > 0).Select(outcome => outcome.Why)),
            };
        }

        var changed = false;

        // A node that is half-way has its member down: as long as it is, no other one may stop (rule 2).
        foreach (var (lane, found) in looks.OrderByDescending(look => look.Found.State == LaneState.Begun))
        {
            var outcome = await _lanes.RunAsync(stage, lane, found.State, cancellationToken);
            changed |= outcome.Changed;
            if (outcome.Result != LaneResult.Done)
            {
                return outcome with { Changed = changed }; // no other node is touched (R1)
            }
        }

        return LaneOutcome.Done(changed);
    }

    /// <summary>An unfinished run of this procedure did it: it is ours to undo.</summary>
    private bool WasBegun(Stage stage) => stage.Lanes.Any(lane => lane.Steps.Any(step => !step.Prepares && run.Inherited.Begun.Contains(new StepId(stage.Id, lane.Name, step.Name).ToString())));

    /// <summary>Takes back, the newest first, what the failed stage would have stood on.</summary>
    private async Task<LaneOutcome> UndoStandingAsync(Stack<Stage> standing, LaneOutcome outcome)
    {
        foreach (var stage in standing)
        {
            foreach (var lane in stage.Lanes.Reverse())
            {
                var undone = await _lanes.UndoAsync(stage, lane, outcome.Why);
                if (undone.Result == LaneResult.UndoFailed)
                {
                    return undone;
                }

                outcome = outcome with { Why = undone.Why };
            }
        }

        return outcome;
    }

    private static ExitCode ExitOf(LaneResult result, bool changed) => result switch
    {
        // A download that failed among the checks, a gate that was red before anything began: nothing was changed, so there was nothing to undo.
        LaneResult.Refused or LaneResult.Undone when !changed => ExitCode.Refused,
        LaneResult.Refused or LaneResult.Undone => ExitCode.FailedAndUndone,
        LaneResult.Cancelled => ExitCode.Cancelled,
        LaneResult.UndoFailed => ExitCode.UndoFailed,
        _ => ExitCode.Done,
    };
}

/// <summary>One execution of a plan.</summary>
/// <param name="Id">As in the folder's name.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Fleet">The inventory.</param>
/// <param name="Options">What the operator said.</param>
/// <param name="Inherited">What unfinished runs of the same procedure had begun.</param>
internal sealed record Run(string Id, string Folder, Fleet Fleet, RunOptions Options, InheritedSteps Inherited);

/// <summary>Step paths in the journals of runs that never came to their end.</summary>
/// <param name="Begun">With an intent, and not undone since.</param>
/// <param name="Ended">With a receipt, or found done.</param>
internal sealed record InheritedSteps(IReadOnlySet<string> Begun, IReadOnlySet<string> Ended)
{
    public static InheritedSteps None { get; } = new(new HashSet<string>(), new HashSet<string>());
}

/// <summary>How a run ended.</summary>
internal sealed record RunOutcome(ExitCode Exit, string Why);

/// <summary>How a lane ended, from good to bad.</summary>
internal enum LaneResult
{
    Done,
    Refused,
    Cancelled,
    Undone,
    UndoFailed,
}

/// <summary>How a lane ended, whether anything was changed on the way, and why it did not get to its end.</summary>
internal sealed record LaneOutcome(LaneResult Result, bool Changed, string Why)
{
    public static LaneOutcome Done(bool changed) => new(LaneResult.Done, changed, "");
}
