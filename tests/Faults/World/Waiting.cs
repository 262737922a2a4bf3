namespace EtcdFleet.Faults.World;

/// <summary>Somebody who waits for a moment of the fleet's time.</summary>
/// <param name="gate">The fleet's one lock.</param>
/// <param name="busy">Counts calls that are at work.</param>
/// <param name="wakes">He goes on.</param>
/// <param name="ofAgent">He is a call that is being served.</param>
internal sealed class Waiting(Lock gate, Action<int> busy, Action wakes, bool ofAgent) : ITimer
{
    private bool _counted;

    public bool Ended { get; private set; }

    /// <summary>A call that waits is not at work.</summary>
    public void Count()
    {
        _counted = ofAgent;
        busy(_counted ? -1 : 0);
    }

    public void Wake()
    {
        lock (gate)
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
        lock (gate)
        {
            Uncount();
            Ended = true;
        }
    }

    private void Uncount()
    {
        busy(_counted ? 1 : 0);
        _counted = false;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
