using System.Globalization;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Output;

/// <summary>A step's line: <c>A3/cp2  4/6  start etcd.service … ok 3.1s</c>.</summary>
internal static class StepText
{
    public static string Head(StepId id, int number, int of, string summary, bool undoing) =>
        $"{id.Stage}/{id.Node}  {number}/{of}  {(undoing ? "undo: " : "")}{summary} …";

    /// <summary>What stands after the head while it is at work.</summary>
    public static string Working(TimeSpan elapsed, string doing, ulong done, ulong total) =>
        string.Join("  ", new[] { Time(elapsed), total > 0 ? $"{Math.Min(100, 100.0 * done / total):0} %" : "", doing }.Where(part => part.Length > 0));

    public static string Result(StepResult result) => result switch
    {
        StepResult.Done => "ok",
        StepResult.AlreadyDone => "done already",
        StepResult.Refused => "REFUSED",
        StepResult.Failed => "FAILED",
        StepResult.Undone => "undone",
        StepResult.UndoFailed => "UNDO FAILED",
        StepResult.Cancelled => "cancelled",
        _ => result.ToString(),
    };

    public static string Time(TimeSpan took) => took.TotalSeconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)took.TotalMinutes}m{took.Seconds:00}s");

    /// <summary>Lines of several that belong to the one before.</summary>
    public static IEnumerable<string> Indented(string text) =>
        text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => "    " + line);
}
