namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>What is known of a snapshot; kept beside it as NAME.json.</summary>
internal sealed record SnapshotFacts
{
    public required string Name { get; init; }

    /// <summary>Bytes.</summary>
    public required ulong Size { get; init; }

    /// <summary>Of the whole file.</summary>
    public required string Sha256 { get; init; }

    /// <summary>At least this revision is in it.</summary>
    public required long Revision { get; init; }

    public required ulong ClusterId { get; init; }

    public required ulong MemberId { get; init; }

    public required string EtcdVersion { get; init; }

    public required DateTimeOffset Taken { get; init; }
}
