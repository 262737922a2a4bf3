using System.Text.Json;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Output;

/// <summary>The members of every kind of line, after <c>message_type</c> and <c>at</c>. Names are never changed, only added.</summary>
internal static class JsonEvents
{
    public static string TypeOf(RunEvent happened) => happened switch
    {
        RunEvent.PlanShown => "plan_shown",
        RunEvent.RunStarted => "run_started",
        RunEvent.StageStarted => "stage_started",
        RunEvent.StepStarted => "step_started",
        RunEvent.StepProgress => "step_progress",
        RunEvent.StepEnded => "step_ended",
        RunEvent.ChecksEnded => "checks_ended",
        RunEvent.Note => "note",
        RunEvent.EvidenceShown => "evidence_shown",
        RunEvent.DiffShown => "diff_shown",
        RunEvent.RunEnded => "run_ended",
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened.GetType().Name, "an event without a JSON type"),
    };

    /// <summary>The exit code in words.</summary>
    public static string Outcome(ExitCode exit) => exit switch
    {
        ExitCode.Done => "done",
        ExitCode.Usage => "usage",
        ExitCode.Refused => "refused",
        ExitCode.FailedAndUndone => "failed_and_undone",
        ExitCode.UndoFailed => "undo_failed",
        ExitCode.Locked => "locked",
        ExitCode.Cancelled => "cancelled",
        _ => "unexpected",
    };

    public static void Write(Utf8JsonWriter json, RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.PlanShown shown:
                WritePlan(json, shown.Plan);
                break;
            case RunEvent.DiffShown diff:
                json.WriteString("title", diff.Title);
                json.WriteStartArray("lines");
                foreach (var line in diff.Lines)
                {
                    json.WriteStringValue(line);
                }

                json.WriteEndArray();
                break;
            case RunEvent.RunStarted started:
                json.WriteString("run", started.Run);
                json.WriteString("procedure", started.Procedure);
                json.WriteString("journal", started.Journal);
                json.WriteString("started_at", started.At);
                break;
            case RunEvent.StageStarted stage:
                json.WriteString("stage", stage.Stage);
                json.WriteString("title", stage.Title);
                json.WriteString("order", Order(stage.Order));
                break;
            case RunEvent.StepStarted step:
                WriteStep(json, step.Id, step.Number, step.Of, step.Summary, step.Undoing);
                break;
            case RunEvent.StepProgress progress:
                WriteId(json, progress.Id);
                json.WriteString("doing", progress.Doing);
                json.WriteNumber("done", progress.Done);
                json.WriteNumber("total", progress.Total);
                break;
            case RunEvent.StepEnded step:
                WriteStep(json, step.Id, step.Number, step.Of, step.Summary, step.Undoing);
                json.WriteString("result", Result(step.Result));
                json.WriteString("detail", step.Detail);
                json.WriteNumber("took_ms", (long)step.Took.TotalMilliseconds);
                break;
            case RunEvent.ChecksEnded checks:
                WriteChecks(json, checks);
                break;
            case RunEvent.Note note:
                json.WriteString("text", note.Text);
                json.WriteBoolean("warning", note.Warning);
                break;
            case RunEvent.EvidenceShown evidence:
                WriteTable(json, evidence.Title, evidence.Columns, evidence.Rows);
                break;
            case RunEvent.RunEnded ended:
                json.WriteString("run", ended.Run);
                json.WriteNumber("exit_code", (int)ended.Exit);
                json.WriteString("outcome", ended.Outcome);
                json.WriteNumber("took_ms", (long)ended.Took.TotalMilliseconds);
                break;
        }
    }

    public static void WriteTable(Utf8JsonWriter json, string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        json.WriteString("title", title);
        WriteStrings(json, "columns", columns);
        json.WriteStartArray("rows");
        foreach (var row in rows)
        {
            json.WriteStartArray();
            foreach (var cell in row)
            {
                json.WriteStringValue(cell);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WritePlan(Utf8JsonWriter json, Plan plan)
    {
        json.WriteString("procedure", plan.Procedure);
        json.WriteString("cluster", plan.Cluster);
        json.WriteStartArray("stages");
        foreach (var stage in plan.Stages)
        {
            json.WriteStartObject();
            json.WriteString("stage", stage.Id);
            json.WriteString("title", stage.Title);
            json.WriteString("order", Order(stage.Order));
            json.WriteStartArray("steps");
            foreach (var (lane, step) in stage.Lanes.SelectMany(lane => lane.Steps.Select(step => (lane, step))))
            {
                json.WriteStartObject();
                WriteId(json, new StepId(stage.Id, lane.Name, step.Name));
                json.WriteString("summary", step.Summary);
                json.WriteBoolean("has_undo", step.Undo.Exists);
                json.WriteString("undo", step.Undo.How);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteChecks(Utf8JsonWriter json, RunEvent.ChecksEnded checks)
    {
        json.WriteStartArray("findings");
        foreach (var finding in checks.Findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("node", finding.Node);
            json.WriteString("severity", finding.Severity switch { Checks.Severity.Pass => "pass", Checks.Severity.Warning => "warning", _ => "refusal" });
            json.WriteString("found", finding.Found);
            json.WriteString("fix", finding.Fix);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStep(Utf8JsonWriter json, StepId id, int number, int of, string summary, bool undoing)
    {
        WriteId(json, id);
        json.WriteNumber("number", number);
        json.WriteNumber("of", of);
        json.WriteString("summary", summary);
        json.WriteBoolean("undoing", undoing);
    }

    private static void WriteId(Utf8JsonWriter json, StepId id)
    {
        json.WriteString("step", id.ToString());
        json.WriteString("stage", id.Stage);
        json.WriteString("node", id.Node);
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static string Order(LaneOrder order) => order == LaneOrder.OneByOne ? "one_by_one" : "together";

    private static string Result(StepResult result) => result switch
    {
        StepResult.Done => "done",
        StepResult.AlreadyDone => "already_done",
        StepResult.Refused => "refused",
        StepResult.Failed => "failed",
        StepResult.Undone => "undone",
        StepResult.UndoFailed => "undo_failed",
        StepResult.Cancelled => "cancelled",
        _ => "unknown",
    };
}
