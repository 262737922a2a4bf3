using System.Globalization;

namespace EtcdFleet.Lab.Writing;

/// <summary>Writes without pause through whichever endpoint answers, then checks that everything acknowledged is there.</summary>
internal sealed class Writer(WriterOptions options, IReadOnlyList<IWriteTarget> targets, TimeProvider time)
{
    private const int Shown = 10;
    private readonly WriteLedger _ledger = new();
    private readonly WriteHistory _history = new();
    private readonly List<double> _latencies = [];
    private readonly HashSet<string> _errors = [];
    private readonly List<string> _sinceAcknowledged = [];
    private int _current;
    private int _failed;
    private int _failedAttempts;

    /// <summary>Writes until <paramref name="stop"/>, finishes the write at hand, reads everything back.</summary>
    /// <exception cref="LabException">No endpoint can be read at the end.</exception>
    public async Task<WriterReport> RunAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var lastAcknowledged = began;
        var (pause, pauseAt, pauseAttempts) = (TimeSpan.Zero, time.GetUtcNow(), (IReadOnlyList<string>)[]);
        using var turns = new PeriodicTimer(TimeSpan.FromSeconds(1 / options.Rate), time);
        for (long number = 1; !stop.IsCancellationRequested; number++)
        {
            var sent = time.GetTimestamp();
            if (await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{options.Prefix}{number % options.Keys:000}"), number))
            {
                var now = time.GetTimestamp();
                _latencies.Add(time.GetElapsedTime(sent, now).TotalMilliseconds);
                if (time.GetElapsedTime(lastAcknowledged, now) is var gap && gap > pause)
                {
                    (pause, pauseAt, pauseAttempts) = (gap, time.GetUtcNow() - gap, [.. _sinceAcknowledged, string.Create(CultureInfo.InvariantCulture, $"taken after {time.GetElapsedTime(sent, now).TotalMilliseconds:0} ms")]);
                }

                lastAcknowledged = now;
                _sinceAcknowledged.Clear();
            }
            else
            {
                _failed++;
            }

            await NextTurnAsync(turns, stop);
        }

        // A pause that lasts until the end is a pause as well.
        if (time.GetElapsedTime(lastAcknowledged) is var last && last > pause && _failed > 0)
        {
            (pause, pauseAt, pauseAttempts) = (last, time.GetUtcNow() - last, [.. _sinceAcknowledged]);
        }

        var seconds = time.GetElapsedTime(began).TotalSeconds;
        var historyChecked = await ReadBackAsync();
        var sorted = _latencies.Order().ToList();
        double Quantile(double q) => sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * q))], 1);
        return new()
        {
            Writes = _ledger.Writes.Count,
            Failed = _failed,
            Lost = _ledger.Lost,
            Slow = _latencies.Count(l => l > options.SlowAfter.TotalMilliseconds),
            FailedAttempts = _failedAttempts,
            LongestPauseMs = Math.Round(pause.TotalMilliseconds, 1),
            LongestPauseAt = pauseAt,
            LongestPauseAttempts = [.. pauseAttempts.TakeLast(Shown)],
            P50Ms = Quantile(0.5),
            P99Ms = Quantile(0.99),
            MaxMs = Quantile(1),
            Seconds = Math.Round(seconds, 1),
            HistoryChecked = historyChecked,
            Losses = [.. _ledger.Losses.Take(Shown)],
            Unexplained = [.. _history.Problems.Take(Shown)],
            Errors = [.. _errors.Order(StringComparer.Ordinal).Take(Shown)],
        };
    }

    /// <summary>One write, at the current endpoint or the next that takes it. False when none did in time.</summary>
    private async Task<bool> WriteAsync(string key, long value)
    {
        var began = time.GetTimestamp();
        _ledger.Sent(key, value);
        while (options.FailAfter - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero)
        {
            var timeout = left < options.AttemptTimeout ? left : options.AttemptTimeout;
            var (sent, invoked) = (time.GetTimestamp(), _history.Begin());
            try
            {
                var state = await targets[_current].CompareAndSwapAsync(key, _ledger.BaseRevision(key), value, timeout, CancellationToken.None);
                _history.Answered(key, invoked, value, state);
                if (_ledger.Answered(key, value, state))
                {
                    return true;
                }
            }
            catch (WriteAttemptException e)
            {
                _failedAttempts++;
                _history.Unanswered(key, invoked, value);
                _errors.Add(e.Message);
                _sinceAcknowledged.Add(string.Create(CultureInfo.InvariantCulture, $"{e.Message} after {time.GetElapsedTime(sent).TotalMilliseconds:0} ms"));
                if (!options.Repeats)
                {
                    return false;
                }

                await MoveOnAsync();
            }
        }

        return false;
    }

    /// <summary>The next endpoint; after a whole round a breath, so that a cluster without quorum is not hammered.</summary>
    private async Task MoveOnAsync()
    {
        _current = (_current + 1) % targets.Count;
        if (_failedAttempts % targets.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
    }

    private static async Task NextTurnAsync(PeriodicTimer turns, CancellationToken stop)
    {
        try
        {
            await turns.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: the loop sees it.
        }
    }

    private async Task<bool> ReadBackAsync()
    {
        if (_ledger.Writes.Count == 0)
        {
            return false;
        }

        var (from, to) = (_ledger.Writes.Min(w => w.Revision), _ledger.Writes.Max(w => w.Revision));
        WriteAttemptException? last = null;
        for (var attempt = 0; attempt < 5 * targets.Count; attempt++)
        {
            try
            {
                var target = targets[(_current + attempt) % targets.Count];
                var invoked = _history.Begin();
                var end = await target.ReadAllAsync(options.Prefix, CancellationToken.None);
                // What lies beyond the newest key is not in the history either; asking for it would wait for ever.
                var newest = end.Values.Select(v => v.Revision).DefaultIfEmpty(0).Max();
                var history = newest < from ? new HashSet<Acknowledged>() : await target.ReadHistoryAsync(options.Prefix, from, Math.Min(to, newest), CancellationToken.None);
                _history.Ended(invoked, end);
                _ledger.CheckEnd(end);
                if (history is not null)
                {
                    _ledger.CheckHistory(history);
                }

                return history is not null;
            }
            catch (WriteAttemptException e)
            {
                last = e;
                await Task.Delay(TimeSpan.FromSeconds(1), time);
            }
        }

        throw new LabException($"what was written cannot be read back from any endpoint: {last?.Message}", last);
    }
}
