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

    /// <summary>"etcdutl 3.6.6"; empty: nobody has opened it, so it does not count as verified. Also where the file leaves it out.</summary>
    public string OpenedBy { get; init => field = value ?? ""; } = "";

    /// <summary>When the verdict was found.</summary>
    public DateTimeOffset? Checked { get; init; }

    /// <summary>What is wrong with it; empty: nothing is known to be.</summary>
    public string Problem { get; init => field = value ?? ""; } = "";

    /// <summary>The newest revision in it, as etcdutl reads it; 0: not opened.</summary>
    public long LastRevision { get; init; }

    /// <summary>Key-value records in it, as etcdutl counts them.</summary>
    public long Keys { get; init; }

    /// <summary>HashKV of the live cluster at <see cref="LastRevision"/>, asked right after the snapshot was taken; null: not known.</summary>
    public SnapshotHash? ClusterHash { get; init; }

    /// <summary>The agent's own schedule took it: retention may remove it.</summary>
    public bool Scheduled { get; init; }

    /// <summary>Its digest was right and etcdutl opened it, the last time that somebody looked.</summary>
    public bool Verified => OpenedBy.Length > 0 && Problem.Length == 0;
}
