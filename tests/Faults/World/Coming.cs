namespace EtcdFleet.Faults.World;

/// <summary>Something that the fleet's time brings by itself: once, or again and again.</summary>
internal sealed class Coming(Action happens, TimeSpan period) : ITimer
{
    public Action Happens => happens;

    public TimeSpan Period => period;

    public bool Ended { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period) => true;

    public void Dispose() => Ended = true;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
