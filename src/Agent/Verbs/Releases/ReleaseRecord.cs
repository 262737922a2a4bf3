namespace EtcdFleet.Agent.Verbs.Releases;

/// <summary>What InstallRelease put into /usr/local/bin.</summary>
internal sealed record ReleaseRecord
{
    public required string Version { get; init; }

    /// <summary>Name of each file that was not there before, with the SHA-256 that it was installed with.</summary>
    public required IReadOnlyDictionary<string, string> Installed { get; init; }
}
