namespace EtcdFleet.TestKit;

/// <summary>A clock that nobody has to wait for: a delay ends at once, and the clock is then as much further.</summary>
/// <remarks>For code that waits in one place only; two waits at once would each move the clock. What repeats, as a renewal does, moves
/// nothing: it is done, to its end, whenever the clock passes its time.</remarks>
internal sealed class SkippingTime : TimeProvider
{
    private readonly List<Repeating> _repeating = [];
    private DateTimeOffset _now = new(2026, 11, 23, 3, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    /// <summary>Done whenever the clock has moved: the world goes on while somebody waits.</summary>
    public Action<DateTimeOffset> Moved { get; set; } = _ => { };

    public void Advance(TimeSpan by)
    {
        var end = _now + by;
        while (_repeating.Where(timer => timer.Next <= end).MinBy(timer => timer.Next) is { } due)
        {
            _now = due.Next > _now ? due.Next : _now;
            Moved(_now);
            due.Ring();
        }

        _now = end > _now ? end : _now;
        Moved(_now);
    }

    /// <summary>As after SIGSTOP: until this ends, the clock goes on and nothing rings that was there to ring.</summary>
    public IDisposable Stop()
    {
        var stopped = _repeating.ToList();
        _repeating.Clear();
        return new Stopped(() => _repeating.AddRange(stopped));
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period > TimeSpan.Zero)
        {
            var repeating = new Repeating(this, () => callback(state), period) { Next = _now + dueTime };
            _repeating.Add(repeating);
            return repeating;
        }

        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
            callback(state);
        }

        return new Ended();
    }

    private sealed class Repeating(SkippingTime time, Action ring, TimeSpan period) : ITimer
    {
        public required DateTimeOffset Next { get; set; }

        public void Ring()
        {
            Next += period;
            ring();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => time._repeating.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Stopped(Action goOn) : IDisposable
    {
        public void Dispose() => goOn();
    }

    private sealed class Ended : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
