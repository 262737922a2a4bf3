namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>A release in the cache that has passed every check; written last, beside its programs.</summary>
internal sealed record CachedRelease
{
    public required string Version { get; init; }

    /// <summary>Of the tarball.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Bytes of the tarball.</summary>
    public required ulong Size { get; init; }

    /// <summary>"given" or "SHA256SUMS".</summary>
    public required string DigestSource { get; init; }

    /// <summary>The SHA-256 of each program, by its name.</summary>
    public required IReadOnlyDictionary<string, string> Programs { get; init; }
}
