namespace EtcdFleet.TestKit;

/// <summary>A clock that nobody has to wait for: a delay ends at once, and the clock is then as much further.</summary>
/// <remarks>For code that waits in one place only; two waits at once would each move the clock.</remarks>
internal sealed class SkippingTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 23, 3, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;

    /// <summary>Done whenever the clock has moved: the world goes on while somebody waits.</summary>
    public Action<DateTimeOffset> Moved { get; set; } = _ => { };

    public void Advance(TimeSpan by)
    {
        _now += by;
        Moved(_now);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
            callback(state);
        }

        return new Ended();
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
