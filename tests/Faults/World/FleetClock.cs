namespace EtcdFleet.Faults.World;

/// <summary>The time of a whole fleet: it goes on when everybody waits, to the moment that somebody waits for, and what was to happen meanwhile happens first.</summary>
/// <remarks>Time limits (a CancellationTokenSource) and the agent's own PeriodicTimer never come: what they guard is played by the fleet.</remarks>
internal sealed class FleetClock : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // of a busy machine's time

    private readonly PriorityQueue<Waiting, (DateTimeOffset Due, long Order)> _waiting = new();
    private readonly PriorityQueue<Coming, (DateTimeOffset Due, long Order)> _coming = new();
    private DateTimeOffset _now = System.GetUtcNow();
    private long _order;
    private int _busy;
    private bool _waking;

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

    /// <summary>A call is on its way to an agent, or served there: the time stands still, unless that one waits itself.</summary>
    public void Begin() => Count(1);

    public void End() => Count(-1);

    /// <summary>Something that happens by itself.</summary>
    public void After(TimeSpan delay, Action happens)
    {
        lock (Gate)
        {
            _coming.Enqueue(new(happens, Timeout.InfiniteTimeSpan), (_now + delay, ++_order));
        }
    }

    public void Advance(TimeSpan by) => AdvanceTo(GetUtcNow() + by);

    /// <summary>Moves the time, unless it is that late already.</summary>
    public void AdvanceTo(DateTimeOffset moment)
    {
        while (Next(moment) is { } rings)
        {
            rings();
            SpinWait.SpinUntil(IsQuiet, Patience); // a renewal is over before the time goes on,
            Thread.Sleep(2); // down to what its answers are made of,
            SpinWait.SpinUntil(IsQuiet, Patience); // and what it asks because of them
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (Gate)
        {
            if (period > TimeSpan.Zero)
            {
                var rings = new Coming(() => callback(state), period);
                if (state is null)
                {
                    _coming.Enqueue(rings, (_now + dueTime, ++_order)); // a lease's renewal; a PeriodicTimer has a state
                }

                return rings;
            }

            var waiting = new Waiting(this, () => callback(state), ofAgent: AgentLife.Serving.Value is not null);
            if (dueTime != Timeout.InfiniteTimeSpan && state is not CancellationTokenSource)
            {
                waiting.Count();
                _waiting.Enqueue(waiting, (_now + dueTime, ++_order));
                Look();
            }

            return waiting;
        }
    }

    private void Count(int calls)
    {
        lock (Gate)
        {
            _busy += calls;
            Look();
        }
    }

    private bool IsQuiet()
    {
        lock (Gate)
        {
            return _busy <= 0;
        }
    }

    private void Look()
    {
        if (_busy <= 0 && !_waking && _waiting.Count > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => WakeOne(), null);
        }
    }

    /// <summary>One after the other: the next one is not due before this one has done what it woke up for.</summary>
    private void WakeOne()
    {
        Waiting? first;
        (DateTimeOffset Due, long) when;
        lock (Gate)
        {
            if (_busy > 0 || _waking || !_waiting.TryDequeue(out first, out when))
            {
                return;
            }

            _waking = true;
        }

        try
        {
            if (!first.Ended)
            {
                AdvanceTo(when.Due);
            }

            first.Wake();
        }
        finally
        {
            lock (Gate)
            {
                _waking = false;
                Look();
            }
        }
    }

    /// <summary>Moves up to the next thing that rings, which is given back; null: up to the moment.</summary>
    private Action? Next(DateTimeOffset moment)
    {
        lock (Gate)
        {
            while (_coming.TryPeek(out var coming, out var when) && when.Due <= moment)
            {
                _coming.Dequeue();
                if (coming.Ended)
                {
                    continue;
                }

                MoveTo(when.Due);
                if (coming.Period > TimeSpan.Zero)
                {
                    _coming.Enqueue(coming, (when.Due + coming.Period, ++_order));
                    return coming.Happens;
                }

                coming.Happens();
            }

            MoveTo(moment);
            return null;
        }
    }

    private void MoveTo(DateTimeOffset moment)
    {
        if (moment > _now)
        {
            _now = moment;
            Moved();
        }
    }

    private sealed class Waiting(FleetClock clock, Action wakes, bool ofAgent) : ITimer
    {
        private bool _counted;

        public bool Ended { get; private set; }

        /// <summary>A call that waits is not at work.</summary>
        public void Count()
        {
            _counted = ofAgent;
            clock._busy -= _counted ? 1 : 0;
        }

        public void Wake()
        {
            lock (clock.Gate)
            {
                Uncount();
                if (Ended)
                {
                    return;
                }
            }

            wakes();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (clock.Gate)
            {
                Uncount();
                Ended = true;
            }
        }

        private void Uncount()
        {
            clock._busy += _counted ? 1 : 0;
            _counted = false;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
