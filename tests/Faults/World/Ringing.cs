namespace EtcdFleet.Faults.World;

/// <summary>What the fleet's time has set off, a lease's renewal: knows whether some of it is still to be run, so that the time does not go on without it.</summary>
/// <remarks>It says nothing while a call of it is under way: that is counted by the clock.</remarks>
internal sealed class Ringing : SynchronizationContext
{
    private int _pending;

    public bool IsQuiet => Volatile.Read(ref _pending) == 0;

    /// <summary>Runs it up to its first wait, and whatever comes after that one by one.</summary>
    public void Ring(Action rings)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            rings();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state)
    {
        Interlocked.Increment(ref _pending);
        ThreadPool.QueueUserWorkItem(
            _ =>
            {
                try
                {
                    Ring(() => d(state));
                }
                finally
                {
                    Interlocked.Decrement(ref _pending);
                }
            });
    }
}
