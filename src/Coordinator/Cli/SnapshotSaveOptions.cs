namespace EtcdFleet.Coordinator.Cli;

/// <summary>What <c>snapshot save</c> is told.</summary>
internal sealed record SnapshotSaveOptions
{
    /// <summary>The node whose member is asked; empty: a healthy follower.</summary>
    public string Node { get; init; } = "";

    /// <summary>Of a copy of that node's data dir, whose member is stopped and has no quorum.</summary>
    public bool FromDisk { get; init; }

    /// <summary>Further folders on the coordinator, absolute.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>To the other nodes as well.</summary>
    public bool ToNodes { get; init; }
}
