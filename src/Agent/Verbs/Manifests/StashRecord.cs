using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>What StashManifest took away, so that RestoreManifest puts back exactly that.</summary>
internal sealed record StashRecord
{
    /// <summary>Of the manifest's bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    public required OwnerAndMode Owner { get; init; }
}
