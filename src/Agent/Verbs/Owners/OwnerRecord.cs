using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Owners;

/// <summary>Who owned what before ChownEtcdFiles changed the first file.</summary>
internal sealed record OwnerRecord
{
    /// <summary>As the host names it.</summary>
    public required string DataDir { get; init; }

    /// <summary>Every file and folder below the data dir, by its relative name; the empty one is the data dir itself.</summary>
    public required IReadOnlyDictionary<string, OwnerAndMode> Files { get; init; }

    /// <summary>The keys, by the host's names.</summary>
    public required IReadOnlyDictionary<string, OwnerAndMode> Keys { get; init; }
}
