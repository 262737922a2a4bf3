namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>How long the kubelet waits before it starts a container again: at once the first time, then 10 s, doubling up to 5 minutes.</summary>
internal sealed class CrashLoopBackOff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Forgiven = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, (TimeSpan Wait, DateTimeOffset Started)> _entries = [];

    /// <summary>How long to wait still, for a Pod whose container exited at a time.</summary>
    public TimeSpan Remaining(string uid, DateTimeOffset exited)
    {
        if (!_entries.TryGetValue(uid, out var entry) || exited - entry.Started > Forgiven)
        {
            return TimeSpan.Zero;
        }

        var left = exited + entry.Wait - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>A container was started again after an exit; the next wait is longer.</summary>
    public void Restarted(string uid, DateTimeOffset exited)
    {
        var known = _entries.TryGetValue(uid, out var entry) && exited - entry.Started <= Forgiven;
        var wait = known ? TimeSpan.FromTicks(Math.Min(entry.Wait.Ticks * 2, Longest.Ticks)) : First;
        _entries[uid] = (wait, time.GetUtcNow());
    }
}
