namespace EtcdFleet.Faults.World;

/// <summary>The time of a whole fleet: who waits is the one who moves it, and what was to happen meanwhile happens first.</summary>
/// <remarks>Delays alone move it. Time limits (a CancellationTokenSource) and periodic timers never come: what they guard is played by the fleet.</remarks>
internal sealed class FleetClock : TimeProvider
{
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _coming = new();
    private DateTimeOffset _now = System.GetUtcNow();
    private long _order;

    /// <summary>The one lock of a fleet: its clock, its machines and its etcd change together.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Done whenever the time has moved, within the lock.</summary>
    public Action Moved { get; set; } = () => { };

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (Gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Something that happens by itself.</summary>
    public void After(TimeSpan delay, Action happens)
    {
        lock (Gate)
        {
            _coming.Enqueue(happens, (_now + delay, ++_order));
        }
    }

    public void Advance(TimeSpan by) => AdvanceTo(GetUtcNow() + by);

    /// <summary>Moves the time, unless it is that late already.</summary>
    public void AdvanceTo(DateTimeOffset moment)
    {
        lock (Gate)
        {
            while (_coming.TryPeek(out var happens, out var when) && when.Due <= moment)
            {
                _coming.Dequeue();
                MoveTo(when.Due);
                happens();
            }

            MoveTo(moment);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Waiting();
        if (dueTime != Timeout.InfiniteTimeSpan && period == Timeout.InfiniteTimeSpan && state is not CancellationTokenSource)
        {
            var due = GetUtcNow() + dueTime;
            ThreadPool.UnsafeQueueUserWorkItem(_ =>
            {
                AdvanceTo(due);
                if (!timer.Ended)
                {
                    callback(state);
                }
            }, null);
        }

        return timer;
    }

    private void MoveTo(DateTimeOffset moment)
    {
        if (moment > _now)
        {
            _now = moment;
            Moved();
        }
    }

    private sealed class Waiting : ITimer
    {
        public bool Ended { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => Ended = true;

        public ValueTask DisposeAsync()
        {
            Ended = true;
            return ValueTask.CompletedTask;
        }
    }
}
