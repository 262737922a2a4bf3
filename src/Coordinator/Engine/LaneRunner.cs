using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Output;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>Runs one node's steps of a stage in order. The lane is a unit: all of it is done, or all of it is undone.</summary>
internal sealed class LaneRunner(Run run, IAgents agents, IReporter reporter, Journal journal, TimeProvider time)
{
    private readonly StepRunner _steps = new(run, agents, reporter, journal, time);

    /// <summary>Asks how far the lane's node is already.</summary>
    public Task<LookEnd> LookAsync(Stage stage, Lane lane, CancellationToken cancellationToken) => lane.Look is null
        ? Task.FromResult(new LookEnd(LaneState.Untouched, StepResult.Done, ""))
        : _steps.LookAsync(lane.Look, new(new(stage.Id, lane.Name, "look"), 0, lane.Steps.Count, lane.Node), cancellationToken);

    public async Task<LaneOutcome> RunAsync(Stage stage, Lane lane, LaneState found, CancellationToken cancellationToken)
    {
        var changed = false;
        for (var i = 0; i < lane.Steps.Count; i++)
        {
            var step = lane.Steps[i];
            var place = new StepPlace(Id(stage, lane, step), i + 1, lane.Steps.Count, lane.Node);
            if (found == LaneState.Done && !IsGateAtEnd(lane, i))
            {
                _steps.Skip(step, place);
                continue;
            }

            var ended = cancellationToken.IsCancellationRequested
                ? new StepEnd(StepResult.Cancelled, "cancelled before it began")
                : await _steps.RunAsync(step, place, cancellationToken);

            // A step that failed may have changed something before it did: it is undone as well.
            changed |= !step.Prepares && ended is { Result: StepResult.Done, Changed: true } or { Result: StepResult.Failed, Began: true };
            if (ended.Result is StepResult.Done or StepResult.AlreadyDone)
            {
                continue;
            }

            var reason = $"{place.Id}: {ended.Detail}";
            var untouched = ended.Result switch
            {
                StepResult.Refused => LaneResult.Refused,
                StepResult.Cancelled => LaneResult.Cancelled,
                _ => LaneResult.Undone,
            };

            if (changed && ended.Result != StepResult.Cancelled && lane.Steps.Take(i + 1).All(done => !done.Undo.Exists))
            {
                return new(LaneResult.UndoFailed, true, $"{reason}; what was done before it stands, and nothing undoes it by itself: look at 'etcdfleet status', and begin again");
            }

            // Cancelled or refused at its very beginning, it stays as it was found; a gate that is red there is a failure like any other.
            return changed || (IsOurs(stage, lane, found) && (i > 0 || ended.Result == StepResult.Failed))
                ? await UndoAsync(stage, lane, Reach(stage, lane, found, ended.Began ? i : i - 1), ended.Result == StepResult.Cancelled ? LaneResult.Cancelled : LaneResult.Undone, reason)
                : new(untouched, false, reason);
        }

        return LaneOutcome.Done(changed);
    }

    /// <summary>Undoes a lane that had come to its end, because what was to stand on it failed.</summary>
    public Task<LaneOutcome> UndoAsync(Stage stage, Lane lane, string reason) => UndoAsync(stage, lane, lane.Steps.Count - 1, LaneResult.Undone, reason);

    private static StepId Id(Stage stage, Lane lane, Step step) => new(stage.Id, lane.Name, step.Name);

    private static bool IsGateAtEnd(Lane lane, int index) => lane.Steps.Skip(index).All(step => step is Gate);

    /// <summary>What an unfinished run had begun here, or somebody left half-way, is this procedure's own work: it is undone with the rest when the lane fails.</summary>
    private bool IsOurs(Stage stage, Lane lane, LaneState found) => found == LaneState.Begun
        || (lane.Steps.Any(step => !step.Prepares && run.Inherited.Begun.Contains(Id(stage, lane, step).ToString())) && !run.Inherited.Ended.Contains(Id(stage, lane, lane.Steps[^1]).ToString()));

    /// <summary>The last step to undo: where this run got to, or an earlier one if that got further.</summary>
    private int Reach(Stage stage, Lane lane, LaneState found, int here) => found == LaneState.Begun
        ? lane.Steps.Count - 1
        : Math.Max(here, lane.Steps.ToList().FindLastIndex(step => !step.Prepares && run.Inherited.Begun.Contains(Id(stage, lane, step).ToString())));

    /// <summary>Undoes the lane in reverse, from its last step that may have changed something, and runs the gates again (R1).</summary>
    /// <remarks>Steps that changed nothing are undone too: an earlier run that died here had done them.</remarks>
    private async Task<LaneOutcome> UndoAsync(Stage stage, Lane lane, int from, LaneResult end, string reason)
    {
        for (var i = from; i >= 0; i--)
        {
            var step = lane.Steps[i];
            if (step.Undo.Exists && await _steps.UndoAsync(step, new(Id(stage, lane, step), i + 1, lane.Steps.Count, lane.Node)) is { Result: StepResult.UndoFailed } stuck)
            {
                return new(LaneResult.UndoFailed, true, $"{reason}; and the undo of {step.Name} failed: {stuck.Detail}");
            }
        }

        for (var i = 0; i < lane.AfterUndo.Count; i++)
        {
            var gate = lane.AfterUndo[i];
            var ended = await _steps.RunAsync(gate, new(Id(stage, lane, gate), i + 1, lane.AfterUndo.Count, lane.Node), CancellationToken.None, afterUndo: true);
            if (ended.Result != StepResult.Done)
            {
                return new(LaneResult.UndoFailed, true, $"{reason}; undone, but not healthy again: {ended.Detail}");
            }
        }

        return new(end, true, $"{reason}; undone on {lane.Name}");
    }
}

/// <summary>Where a step stands in its lane.</summary>
internal sealed record StepPlace(StepId Id, int Number, int Of, Fleets.FleetNode? Node);

/// <summary>How a step ended.</summary>
/// <param name="Result">Good or bad.</param>
/// <param name="Detail">For people.</param>
/// <param name="Changed">It says that it changed something.</param>
/// <param name="Began">It was applied, so that it may have changed something whatever it says; false: it only looked.</param>
internal sealed record StepEnd(StepResult Result, string Detail, bool Changed = false, bool Began = false);

/// <summary>What the look at a lane's node brought.</summary>
internal sealed record LookEnd(LaneState State, StepResult Result, string Detail);
