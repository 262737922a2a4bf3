using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Output;

public sealed class TextReporterTests : IDisposable
{
    private static readonly StepId Start = new("A3", "cp2", "start-etcd");

    private readonly FakeTimeProvider _time = new();
    private readonly CapturedConsole _console = new() { Width = 50 };

    [Fact]
    public void Report_APlainStep_IsOneLineOnStderrWhenItEnds()
    {
        using var reporter = Plain();

        reporter.Report(Started(Start, 4));
        Assert.Empty(_console.Error);
        reporter.Report(Ended(Start, 4, StepResult.Done));

        Assert.Equal(["A3/cp2  4/6  start etcd.service … ok 3.1s"], _console.ErrorLines);
        Assert.Empty(_console.Out);
    }

    [Theory]
    [InlineData(StepResult.AlreadyDone, false, "A3/cp2  4/6  start etcd.service … done already 3.1s\n    because")]
    [InlineData(StepResult.Undone, true, "A3/cp2  4/6  undo: start etcd.service … undone 3.1s")]
    [InlineData(StepResult.Cancelled, false, "A3/cp2  4/6  start etcd.service … cancelled 3.1s\n    because")]
    [InlineData(StepResult.Failed, false, "A3/cp2  4/6  start etcd.service … FAILED 3.1s\n    because")]
    [InlineData(StepResult.Refused, false, "A3/cp2  4/6  start etcd.service … REFUSED 3.1s\n    because")]
    [InlineData(StepResult.UndoFailed, true, "A3/cp2  4/6  undo: start etcd.service … UNDO FAILED 3.1s\n    because")]
    public void Report_TheEndOfAStep_SaysHow(object result, bool undoing, string expected)
    {
        using var reporter = Plain();

        reporter.Report(new RunEvent.StepEnded(Start, 4, 6, "start etcd.service", undoing, (StepResult)result, "because", TimeSpan.FromSeconds(3.14)));

        Assert.Equal(expected + "\n", _console.Error);
    }

    [Fact]
    public void Report_ALongPlainStep_SaysEveryTenSecondsThatItIsAtWork()
    {
        using var reporter = Plain();
        reporter.Report(Started(Start, 4));

        for (var second = 1; second <= 25; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            reporter.Report(new RunEvent.StepProgress(Start, "cp3 sees 2 members, others 3", 0, 0));
        }

        Assert.Equal(
        [
            "A3/cp2  4/6  start etcd.service … 10.0s  cp3 sees 2 members, others 3",
            "A3/cp2  4/6  start etcd.service … 20.0s  cp3 sees 2 members, others 3",
        ],
        _console.ErrorLines);
    }

    [Fact]
    public void Report_Checks_ShowsEverythingThatDidNotPassAndCounts()
    {
        using var reporter = Plain();

        reporter.Report(new RunEvent.ChecksEnded(
        [
            new("member-name", "cp1", Severity.Pass, "cp1"),
            new("clock", "cp2", Severity.Warning, "2 s behind", "run chrony"),
            new("member-name", "cp3", Severity.Refusal, "found node3, expected cp3", "rename the member"),
        ]));

        Assert.Equal(
        [
            "REFUSED  cp3  member-name",
            "    found node3, expected cp3",
            "    to do: rename the member",
            "warning  cp2  clock",
            "    2 s behind",
            "    to do: run chrony",
            "checks: 1 passed, 1 warnings, 1 refusals",
        ],
        _console.ErrorLines);
    }

    [Fact]
    public void Report_Evidence_IsAResultOnStdout()
    {
        using var reporter = Plain();

        reporter.Report(new RunEvent.EvidenceShown("The same cluster", ["what", "before", "after"], [["cluster id", "cdf8", "cdf8"]]));

        Assert.Equal(["The same cluster", "what        before  after", "----------  ------  -----", "cluster id  cdf8    cdf8"], _console.OutLines);
        Assert.Empty(_console.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Report_APlan_IsAResultOnlyWhenItWasAskedFor(bool asked)
    {
        using var reporter = Plain();

        reporter.Report(new RunEvent.PlanShown(new Plan("migrate", "kkg", []), asked));

        Assert.StartsWith("Plan: migrate", asked ? _console.Out : _console.Error);
        Assert.Empty(asked ? _console.Error : _console.Out);
    }

    [Fact]
    public void Report_TheEndOfARun_SaysHowLongItTook()
    {
        using var reporter = Plain();

        reporter.Report(new RunEvent.RunEnded("20261123-1", ExitCode.Done, "all nodes under systemd", TimeSpan.FromSeconds(83.2)));
        reporter.Report(new RunEvent.RunEnded("20261123-2", ExitCode.FailedAndUndone, "cp2 is back on its static Pod", TimeSpan.FromSeconds(12)));

        Assert.Equal(
            ["run 20261123-1: done after 1m23s: all nodes under systemd", "run 20261123-2: ended with exit code 4 after 12.0s: cp2 is back on its static Pod"],
            _console.ErrorLines);
    }

    [Fact]
    public void Results_GoToStdoutAndErrorsToStderr()
    {
        using var reporter = Plain();

        reporter.Text("a result\n");
        reporter.Table("nodes", ["node"], [["cp1"]]);
        reporter.Error(ExitCode.Refused, "no");

        Assert.Equal(["a result", "nodes", "node", "----", "cp1"], _console.OutLines);
        Assert.Equal(["error: no"], _console.ErrorLines);
    }

    [Fact]
    public void Live_SeveralStepsAtWork_EachHasALineWithItsTimeCutToTheScreen()
    {
        using var reporter = new TextReporter(_console.Streams, live: true, _time);
        reporter.Report(Started(new StepId("A2", "cp1", "install"), 1));
        reporter.Report(Started(new StepId("A2", "cp2", "install"), 1));
        reporter.Report(new RunEvent.StepProgress(new StepId("A2", "cp2", "install"), "downloading from the mirror", 30, 120));
        _time.Advance(TimeSpan.FromSeconds(2));

        var screen = Screen();

        Assert.Equal(["A2/cp1  1/6  start etcd.service … 2.0s", "A2/cp2  1/6  start etcd.service … 2.0s  25 %  do…"], screen);
        Assert.All(screen, line => Assert.True(line.Length < 50));
    }

    [Fact]
    public void Live_AStepEnds_ItsLineStaysAboveThoseAtWork()
    {
        using var reporter = new TextReporter(_console.Streams, live: true, _time);
        reporter.Report(Started(new StepId("A2", "cp1", "install"), 1));
        reporter.Report(Started(new StepId("A2", "cp2", "install"), 1));
        reporter.Report(Ended(new StepId("A2", "cp1", "install"), 1, StepResult.Done));
        reporter.Report(new RunEvent.Note("look", Warning: true));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["A2/cp1  1/6  start etcd.service … ok 3.1s", "warning: look", "A2/cp2  1/6  start etcd.service … 1.0s"], Screen());
    }

    [Fact]
    public void Report_ToAPipeWithoutAReader_DoesNotThrow()
    {
        using var broken = new BrokenPipe();
        using var reporter = new TextReporter(_console.Streams with { Out = broken, Error = broken }, live: true, _time);

        reporter.Report(Started(Start, 4));
        reporter.Text("x");
        reporter.Error(ExitCode.Refused, "x");
        _time.Advance(TimeSpan.FromSeconds(1));
        reporter.Exit(ExitCode.Refused);
    }

    public void Dispose() => _console.Dispose();

    private TextReporter Plain() => new(_console.Streams, live: false, _time);

    private static RunEvent.StepStarted Started(StepId id, int number) => new(id, number, 6, "start etcd.service", Undoing: false);

    private static RunEvent.StepEnded Ended(StepId id, int number, StepResult result) => new(id, number, 6, "start etcd.service", Undoing: false, result, "", TimeSpan.FromSeconds(3.14));

    /// <summary>What a terminal would show: the cursor's moves followed, colours left out.</summary>
    private List<string> Screen()
    {
        var lines = new List<string> { "" };
        var row = 0;
        var text = _console.Error;
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\n':
                    row++;
                    if (row == lines.Count)
                    {
                        lines.Add("");
                    }

                    break;
                case '\r':
                    break;
                case '\e':
                    var end = text.IndexOfAny(['A', 'J', 'm'], at);
                    if (text[end] == 'A')
                    {
                        row -= int.Parse(text[(at + 2)..end]);
                    }
                    else if (text[end] == 'J')
                    {
                        lines.RemoveRange(row, lines.Count - row);
                        lines.Add("");
                    }

                    at = end;
                    break;
                default:
                    lines[row] += text[at];
                    break;
            }
        }

        return [.. lines.Where(line => line.Length > 0)];
    }
}
