using System.Globalization;

namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>What a snapshot is restored into.</summary>
internal sealed record EtcdutlRestore
{
    /// <summary>It must not be there yet, or be empty (FACTS 24).</summary>
    public required string DataDir { get; init; }

    /// <summary>The member's name.</summary>
    public required string Name { get; init; }

    /// <summary>cp1=https://10.0.0.1:2380,cp2=…; the same on every node.</summary>
    public required string InitialCluster { get; init; }

    /// <summary>This member's own, as they stand in <see cref="InitialCluster"/>, separated by commas.</summary>
    public required string PeerUrls { get; init; }

    /// <summary>The same on every node: from it and the peer URLs the new cluster's id is made.</summary>
    public required string Token { get; init; }

    /// <summary>By how much the revision is raised, so that watchers never see it go back. 0: it stays, and so does HashKV.</summary>
    public long BumpRevision { get; init; }

    /// <summary>Everything up to the raised revision counts as compacted, so that every watch begins anew.</summary>
    public bool MarkCompacted { get; init; }

    public IReadOnlyList<string> Flags =>
    [
        "--data-dir", DataDir, "--name", Name, "--initial-cluster", InitialCluster, "--initial-advertise-peer-urls", PeerUrls, "--initial-cluster-token", Token,
        .. BumpRevision > 0 ? ["--bump-revision", BumpRevision.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. MarkCompacted ? ["--mark-compacted"] : Array.Empty<string>(),
    ];
}
