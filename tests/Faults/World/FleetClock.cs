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
    private readonly Ringing _ringing = new();
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
            Ring(rings);
        }
    }

    /// <summary>A renewal is over before the time goes on, unless it waits itself.</summary>
    private void Ring(Action rings)
    {
        _ringing.Ring(rings);
        SpinWait.SpinUntil(IsQuiet, Patience);
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

            var waiting = new Waiting(Gate, calls => _busy += calls, () => callback(state), ofAgent: AgentLife.Serving.Value is not null);
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
            return _busy <= 0 && _ringing.IsQuiet;
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
        lock (Gate)
        {
            if (_waking)
            {
                return;
            }

            _waking = true;
        }

        try
        {
            while (First(out var rings) is var first && (first is not null || rings is not null))
            {
                if (first is not null)
                {
                    first.Wake();
                    return;
                }

                Ring(rings!); // and look again: what it asked for may wait for less than whoever was first
            }
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

    /// <summary>The first who waits, at his time; or what rings before that; or nobody, while a call is at work.</summary>
    private Waiting? First(out Action? rings)
    {
        lock (Gate)
        {
            rings = null;
            if (_busy > 0 || !_waiting.TryPeek(out var first, out var when))
            {
                return null;
            }

            rings = first.Ended ? null : Next(when.Due);
            return rings is null ? _waiting.Dequeue() : null;
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
}
