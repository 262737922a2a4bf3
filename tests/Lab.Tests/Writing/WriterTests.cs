using EtcdFleet.Lab.Writing;
using Xunit;

namespace EtcdFleet.Lab.Tests.Writing;

/// <summary>The checker, checked: each loss that is planted must be found, and nothing else.</summary>
public sealed class WriterTests
{
    private const int Enough = 60;
    private readonly MemoryStore _store = new();
    private readonly MemoryTarget _first;
    private readonly MemoryTarget _second;

    public WriterTests() => (_first, _second) = (new(_store), new(_store));

    [Fact]
    public async Task Run_WhenAllIsWell_LosesNothing()
    {
        var report = await RunAsync(_ => { });
        Assert.Equal((Enough, 0, 0), (report.Writes, report.Failed, report.Lost));
        Assert.True(report.HistoryChecked);
        Assert.Empty(report.Losses);
        Assert.Empty(report.Unexplained);
    }

    [Fact]
    public async Task Run_WhenTheLastAcknowledgedWriteOfAKeyIsGone_ReportsIt()
    {
        // The write at the very end: no later write of that key can notice.
        var report = await RunAsync(_ => { }, beforeReadBack: _store.LoseLastWrite);
        Assert.Equal(1, report.Lost);
        Assert.Contains("acknowledged", Assert.Single(report.Losses));
        Assert.NotEmpty(report.Unexplained);
    }

    [Fact]
    public async Task Run_WhenAnAcknowledgedWriteIsMissingInTheHistoryAlone_ReportsIt()
    {
        // The key is written again later, so the end looks sound; only the history tells.
        var undone = false;
        var report = await RunAsync(number =>
        {
            if (number == 11 && !undone)
            {
                undone = true;
                _store.LoseFromHistory(5);
            }
        });
        Assert.Equal(1, report.Lost);
    }

    [Fact]
    public async Task Run_WhenAnAcknowledgedWriteIsUndoneUnderway_ReportsItOnce_AndGoesOn()
    {
        _first.Undo = (At: 30, How: _store.LoseLastWrite);
        var report = await RunAsync(_ => { });
        Assert.Equal((0, 1), (report.Failed, report.Lost));
        Assert.Contains(report.Unexplained, line => line.Contains("no order explains", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_WhenRevisionsRunBackwards_ReportsALoss()
    {
        var report = await RunAsync(number =>
        {
            if (number == 20)
            {
                _store.TurnBackRevisions();
            }
        });
        Assert.True(report.Lost > 0, "an acknowledgement at an older revision went unnoticed");
    }

    [Fact]
    public async Task Run_WhenAnswersAreLostButWritesTaken_CountsThemAsWritten()
    {
        var report = await RunAsync(number => _first.LosesNextAnswer = number % 10 == 0);
        Assert.Equal((0, 0), (report.Failed, report.Lost));
        Assert.True(report.FailedAttempts > 0, "no answer was lost");
        Assert.Empty(report.Unexplained);
    }

    [Fact]
    public async Task Run_WhenOneEndpointIsDown_WritesThroughTheOther()
    {
        _first.Down = true;
        var report = await RunAsync(_ => { });
        Assert.Equal((Enough, 0, 0, 1), (report.Writes, report.Failed, report.Lost, report.FailedAttempts));
    }

    [Fact]
    public async Task Run_WhenNoEndpointTakesAWriteInTime_CountsItAsFailed()
    {
        (_first.Down, _second.Down) = (true, true);
        using var stop = new CancellationTokenSource();
        var writer = new Writer(Options with { FailAfter = TimeSpan.FromMilliseconds(100) }, [_first, _second], TimeProvider.System);
        stop.CancelAfter(TimeSpan.FromMilliseconds(250));
        var report = await writer.RunAsync(stop.Token);
        Assert.Equal((0, 0), (report.Writes, report.Lost));
        Assert.True(report.Failed > 0, "nothing failed although nobody answered");
        Assert.True(report.LongestPauseMs >= 100, $"the pause was {report.LongestPauseMs} ms");
    }

    [Fact]
    public async Task Run_WhenTheHistoryIsCompacted_ChecksTheEndAlone_AndSaysSo()
    {
        (_first.Compacted, _second.Compacted) = (true, true);
        var report = await RunAsync(_ => { }, beforeReadBack: _store.LoseLastWrite);
        Assert.False(report.HistoryChecked);
        Assert.Equal(1, report.Lost);
    }

    private static WriterOptions Options => new() { Endpoints = [], ClientFolder = "", Rate = 1000, Keys = 5, Prefix = "/t/" };

    private async Task<WriterReport> RunAsync(Action<int> accepted, Action? beforeReadBack = null)
    {
        using var stop = new CancellationTokenSource();
        _store.Accepted = number =>
        {
            accepted(number);
            if (number == Enough)
            {
                stop.Cancel();
                if (beforeReadBack is not null)
                {
                    _second.Down = true;
                    _first.BeforeRead = beforeReadBack;
                }
            }
        };
        return await new Writer(Options, [_first, _second], TimeProvider.System).RunAsync(stop.Token);
    }
}
