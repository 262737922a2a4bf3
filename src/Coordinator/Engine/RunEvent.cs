using EtcdFleet.Coordinator.Checks;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>What happens in a run, for whoever shows it. Only <see cref="Output.IReporter"/>s turn it into text.</summary>
internal abstract record RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>The plan that is about to run.</summary>
    /// <param name="Plan">The plan.</param>
    /// <param name="IsResult">It is what the command was asked for (plan, --dry-run), and so goes to stdout.</param>
    internal sealed record PlanShown(Plan Plan, bool IsResult = false) : RunEvent;

    /// <summary>A run has an id and a folder from now on.</summary>
    internal sealed record RunStarted(string Run, string Procedure, string Journal, DateTimeOffset At) : RunEvent;

    internal sealed record StageStarted(string Stage, string Title, LaneOrder Order, int Lanes) : RunEvent;

    /// <param name="Id">The step.</param>
    /// <param name="Number">1-based, within the lane.</param>
    /// <param name="Of">Steps in the lane.</param>
    /// <param name="Summary">What it does.</param>
    /// <param name="Undoing">It is being undone.</param>
    internal sealed record StepStarted(StepId Id, int Number, int Of, string Summary, bool Undoing) : RunEvent;

    /// <summary>A long step says how far it is, or a gate why it is still red.</summary>
    internal sealed record StepProgress(StepId Id, string Doing, ulong Done, ulong Total) : RunEvent;

    internal sealed record StepEnded(StepId Id, int Number, int Of, string Summary, bool Undoing, StepResult Result, string Detail, TimeSpan Took) : RunEvent;

    /// <summary>Everything that the checks found, all at once.</summary>
    internal sealed record ChecksEnded(IReadOnlyList<Finding> Findings) : RunEvent;

    /// <summary>A fact that the operator should see and that is not a step: a warning, a hint.</summary>
    internal sealed record Note(string Text, bool Warning) : RunEvent;

    /// <summary>What would change in a text.</summary>
    /// <param name="Title">What text it is.</param>
    /// <param name="Lines">With '-', '+' or ' ' in front; empty: nothing would change.</param>
    /// <param name="IsResult">It is what the command was asked for, and so goes to stdout.</param>
    internal sealed record DiffShown(string Title, IReadOnlyList<string> Lines, bool IsResult = false) : RunEvent;

    /// <summary>Rows that prove something: name, value before, value after.</summary>
    internal sealed record EvidenceShown(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : RunEvent;

    /// <summary>The last event of every command that runs something.</summary>
    internal sealed record RunEnded(string Run, ExitCode Exit, string Outcome, TimeSpan Took) : RunEvent;
}

/// <summary>How a step ended.</summary>
internal enum StepResult
{
    Done,
    AlreadyDone,
    Refused,
    Failed,
    Undone,
    UndoFailed,
    Cancelled,
}
