namespace EtcdFleet.TestKit;

/// <summary>What clients called and were told, as it happened.</summary>
internal sealed class RegisterHistory
{
    private readonly Lock _gate = new();
    private readonly List<RegisterOperation> _operations = [];
    private long _moment;

    public IReadOnlyList<RegisterOperation> Operations
    {
        get
        {
            lock (_gate)
            {
                return [.. _operations];
            }
        }
    }

    /// <summary>The next moment of the history's clock: the time of a call, or of an answer.</summary>
    public long Now() => Interlocked.Increment(ref _moment);

    /// <summary>A read that was answered.</summary>
    public void Read(string key, long invoked, long value, long revision, ulong cluster = 0) =>
        Add(new() { Key = key, Value = value, Outcome = RegisterOutcome.Done, Revision = revision, Cluster = cluster, Invoked = invoked, Returned = Now() });

    /// <summary>A compare-and-swap that was answered.</summary>
    public void Swap(string key, long invoked, long expected, long value, bool done, long revision, ulong cluster = 0) => Add(new()
    {
        Key = key, Expected = expected, Value = value, Outcome = done ? RegisterOutcome.Done : RegisterOutcome.Refused, Revision = revision, Cluster = cluster, Invoked = invoked, Returned = Now(),
    });

    /// <summary>A compare-and-swap without an answer.</summary>
    public void Lost(string key, long invoked, long expected, long value, ulong cluster = 0) =>
        Add(new() { Key = key, Expected = expected, Value = value, Outcome = RegisterOutcome.Unknown, Cluster = cluster, Invoked = invoked, Returned = long.MaxValue });

    private void Add(RegisterOperation operation)
    {
        lock (_gate)
        {
            _operations.Add(operation);
        }
    }
}
