using EtcdFleet.Agent.Verbs.Manifests;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>How far a restore is on this node. Each line of it is on the disk before what it says is done.</summary>
internal sealed record RestoreRecord
{
    public required string Run { get; init; }

    /// <summary>Of the snapshot, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    public required string Token { get; init; }

    /// <summary>As etcdutl takes it: name=url,name=url.</summary>
    public required string InitialCluster { get; init; }

    /// <summary>As the host names it.</summary>
    public required string DataDir { get; init; }

    public required long Revision { get; init; }

    public required ulong Keys { get; init; }

    /// <summary>The newest revision that a client can have seen, as the coordinator knew it; 0: not known.</summary>
    public long Above { get; init; }

    /// <summary>By so much the revision is raised; the same on every node, because the snapshot and <see cref="Above"/> are.</summary>
    public long Bump => RestoreTool.BumpOf(Revision, Above);

    /// <summary>The folder below the data dir in which etcdutl works.</summary>
    public required string Scratch { get; init; }

    /// <summary>etcdutl has come to its end, and the files are etcd's.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether this member had a leader before the control plane was stopped, and the others may be stopped by now; null until then.</summary>
    public bool? Worked { get; init; }

    /// <summary>The name of the former data within the data dir; empty where there were none; null until they are set aside.</summary>
    public string? SetAside { get; init; }

    public bool InPlace { get; init; }

    public bool Returned { get; init; }

    public bool Ended { get; init; }

    /// <summary>Stashed manifests of the control plane, by their file names. None also where the file leaves them out.</summary>
    public IReadOnlyDictionary<string, StashRecord> Stashed { get; init => field = value ?? new Dictionary<string, StashRecord>(); } = new Dictionary<string, StashRecord>();

    /// <summary>More was done than made ready: another snapshot must not come in between.</summary>
    public bool Begun => !Ended && (Worked is not null || SetAside is not null || InPlace || Stashed.Count > 0);
}
