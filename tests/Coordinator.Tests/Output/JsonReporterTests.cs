using System.Text.Json;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Output;

/// <summary>The lines are a contract (docs/json-output.md): whoever changes one of these texts breaks somebody's program.</summary>
public sealed class JsonReporterTests : IDisposable
{
    private static readonly StepId Start = new("A3", "cp2", "start-etcd");

    private readonly StringWriter _out = new();
    private readonly JsonReporter _reporter;

    public JsonReporterTests() => _reporter = new(_out, new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)));

    public static TheoryData<string, string> Events => new()
    {
        { nameof(RunEvent.RunStarted), """{"message_type":"run_started","at":"2026-11-23T12:00:00+00:00","run":"r1","procedure":"migrate","journal":"/j","started_at":"2026-11-23T12:00:00+00:00"}""" },
        { nameof(RunEvent.StageStarted), """{"message_type":"stage_started","at":"2026-11-23T12:00:00+00:00","stage":"A3","title":"cut over","order":"one_by_one"}""" },
        { nameof(RunEvent.StepStarted), """{"message_type":"step_started","at":"2026-11-23T12:00:00+00:00","step":"A3/cp2/start-etcd","stage":"A3","node":"cp2","number":4,"of":6,"summary":"start etcd.service","undoing":false}""" },
        { nameof(RunEvent.StepProgress), """{"message_type":"step_progress","at":"2026-11-23T12:00:00+00:00","step":"A3/cp2/start-etcd","stage":"A3","node":"cp2","doing":"waiting","done":1,"total":2}""" },
        { nameof(RunEvent.StepEnded), """{"message_type":"step_ended","at":"2026-11-23T12:00:00+00:00","step":"A3/cp2/start-etcd","stage":"A3","node":"cp2","number":4,"of":6,"summary":"start etcd.service","undoing":true,"result":"undo_failed","detail":"the \"disk\"\nis full","took_ms":3140}""" },
        { nameof(RunEvent.ChecksEnded), """{"message_type":"checks_ended","at":"2026-11-23T12:00:00+00:00","findings":[{"check":"member-name","node":"cp1","severity":"refusal","found":"x","fix":"y"}]}""" },
        { nameof(RunEvent.Note), """{"message_type":"note","at":"2026-11-23T12:00:00+00:00","text":"look","warning":true}""" },
        { nameof(RunEvent.EvidenceShown), """{"message_type":"evidence_shown","at":"2026-11-23T12:00:00+00:00","title":"t","columns":["a","b"],"rows":[["1","2"]]}""" },
        { nameof(RunEvent.DiffShown), """{"message_type":"diff_shown","at":"2026-11-23T12:00:00+00:00","title":"t","lines":["-a","+b"]}""" },
        { nameof(RunEvent.RunEnded), """{"message_type":"run_ended","at":"2026-11-23T12:00:00+00:00","run":"r1","exit_code":4,"outcome":"cp2 is back","took_ms":1500}""" },
        { nameof(RunEvent.PlanShown), """{"message_type":"plan_shown","at":"2026-11-23T12:00:00+00:00","procedure":"migrate","cluster":"kkg","stages":[{"stage":"A3","title":"cut over","order":"one_by_one","steps":[]}]}""" },
    };

    [Theory]
    [MemberData(nameof(Events))]
    public void Report_EveryKindOfEvent_HasItsLine(string kind, string expected)
    {
        _reporter.Report(Event(kind));

        Assert.Equal(expected + "\n", _out.ToString());
    }

    [Fact]
    public void Report_EveryKindOfEventThereIs_IsCoveredHere() => Assert.Equal(
        typeof(RunEvent).GetNestedTypes(System.Reflection.BindingFlags.NonPublic).Select(type => type.Name).Order(),
        Events.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Results_AreLinesAsWell()
    {
        _reporter.Table("t", ["a"], [["1"]]);
        _reporter.Text("two\nlines");

        Assert.Equal(
        [
            """{"message_type":"table","at":"2026-11-23T12:00:00+00:00","title":"t","columns":["a"],"rows":[["1"]]}""",
            """{"message_type":"text","at":"2026-11-23T12:00:00+00:00","text":"two\nlines"}""",
            "",
        ],
        _out.ToString().Split('\n'));
    }

    [Theory]
    [InlineData(ExitCode.Done, "done")]
    [InlineData(ExitCode.Unexpected, "unexpected")]
    [InlineData(ExitCode.Usage, "usage")]
    [InlineData(ExitCode.Refused, "refused")]
    [InlineData(ExitCode.FailedAndUndone, "failed_and_undone")]
    [InlineData(ExitCode.UndoFailed, "undo_failed")]
    [InlineData(ExitCode.Locked, "locked")]
    [InlineData(ExitCode.Cancelled, "cancelled")]
    public void Exit_IsTheLastLineWithTheOutcome(object exit, string outcome)
    {
        _reporter.Report(new RunEvent.RunEnded("r1", (ExitCode)exit, "in words", TimeSpan.Zero));
        _reporter.Exit((ExitCode)exit);

        Assert.Equal($$"""{"message_type":"exit","at":"2026-11-23T12:00:00+00:00","exit_code":{{(int)exit}},"outcome":"{{outcome}}","message":"in words"}""", _out.ToString().TrimEnd('\n').Split('\n')[^1]);
    }

    [Fact]
    public void Exit_AfterErrors_CarriesThem()
    {
        _reporter.Error(ExitCode.Usage, "one");
        _reporter.Error(ExitCode.Usage, "two");
        _reporter.Exit(ExitCode.Usage);

        using var last = JsonDocument.Parse(_out.ToString().TrimEnd('\n').Split('\n')[^1]);
        Assert.Equal("one\ntwo", last.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Report_FromManyLanesAtATime_KeepsEveryLineWhole()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                _reporter.Report(Event(nameof(RunEvent.StepStarted)));
            }
        })));

        var lines = _out.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(800, lines.Length);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    public void Dispose()
    {
        _reporter.Dispose();
        _out.Dispose();
    }

    private static RunEvent Event(string kind) => kind switch
    {
        nameof(RunEvent.RunStarted) => new RunEvent.RunStarted("r1", "migrate", "/j", new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero)),
        nameof(RunEvent.StageStarted) => new RunEvent.StageStarted("A3", "cut over", LaneOrder.OneByOne, 3),
        nameof(RunEvent.StepStarted) => new RunEvent.StepStarted(Start, 4, 6, "start etcd.service", Undoing: false),
        nameof(RunEvent.StepProgress) => new RunEvent.StepProgress(Start, "waiting", 1, 2),
        nameof(RunEvent.StepEnded) => new RunEvent.StepEnded(Start, 4, 6, "start etcd.service", Undoing: true, StepResult.UndoFailed, "the \"disk\"\nis full", TimeSpan.FromSeconds(3.14)),
        nameof(RunEvent.ChecksEnded) => new RunEvent.ChecksEnded([new("member-name", "cp1", Severity.Refusal, "x", "y")]),
        nameof(RunEvent.Note) => new RunEvent.Note("look", Warning: true),
        nameof(RunEvent.EvidenceShown) => new RunEvent.EvidenceShown("t", ["a", "b"], [["1", "2"]]),
        nameof(RunEvent.DiffShown) => new RunEvent.DiffShown("t", ["-a", "+b"]),
        nameof(RunEvent.RunEnded) => new RunEvent.RunEnded("r1", ExitCode.FailedAndUndone, "cp2 is back", TimeSpan.FromSeconds(1.5)),
        nameof(RunEvent.PlanShown) => new RunEvent.PlanShown(new Plan("migrate", "kkg", [new Stage("A3", "cut over", LaneOrder.OneByOne, [])])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such event"),
    };
}
