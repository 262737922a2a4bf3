namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>What WriteEtcdEnv wrote and what was there before.</summary>
internal sealed record EnvRecord
{
    /// <summary>Digests of every etcd.env that we wrote or were about to write: a file with another one is not ours.</summary>
    public required IReadOnlyList<string> Written { get; init; }

    /// <summary>Where the file that was there before the first write is kept, as the host names it; null when there was none.</summary>
    public string? SetAside { get; init; }

    /// <summary>Of the file that was set aside.</summary>
    public string? SetAsideSha256 { get; init; }
}
