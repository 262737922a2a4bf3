namespace EtcdFleet.Agent.Schedules;

/// <summary>When a node's turn is: the period is divided among the members, so that never two nodes take a snapshot at once.</summary>
/// <remarks>By the wall clock and the member list alone, so that no agent has to know another one. Nodes whose clocks differ by more than half a
/// turn would meet; etcd itself bears a second or so.</remarks>
/// <param name="Every">The period.</param>
/// <param name="Place">This member's place among all, by id, from 0.</param>
/// <param name="Members">How many there are.</param>
internal readonly record struct SnapshotTimes(TimeSpan Every, int Place, int Members)
{
    /// <summary>How long a turn lasts in which a snapshot may be begun: half of the node's part, the rest is for it to end.</summary>
    public TimeSpan Turn => Every / Members / 2;

    private TimeSpan Offset => Every / Members * Place;

    /// <summary>When the turn began that a moment lies in or after.</summary>
    public DateTimeOffset Begin(DateTimeOffset now)
    {
        var since = now - DateTimeOffset.UnixEpoch - Offset;
        return now - TimeSpan.FromTicks(since.Ticks % Every.Ticks);
    }

    /// <summary>True within a turn.</summary>
    public bool IsTurn(DateTimeOffset now) => now - Begin(now) < Turn;

    /// <summary>When the next turn begins.</summary>
    public DateTimeOffset Next(DateTimeOffset now) => Begin(now) + Every;
}
