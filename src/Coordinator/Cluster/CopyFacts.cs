using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>What is known of a copy off the nodes; kept beside it as NAME.json, in the agents' own words.</summary>
internal sealed record CopyFacts
{
    public required string Name { get; init; }

    public required ulong Size { get; init; }

    public required string Sha256 { get; init; }

    public long Revision { get; init; }

    public ulong ClusterId { get; init; }

    public ulong MemberId { get; init; }

    /// <summary>Empty also where the file leaves it out; so is the next one.</summary>
    public string EtcdVersion { get; init => field = value ?? ""; } = "";

    public DateTimeOffset Taken { get; init; }

    public string OpenedBy { get; init => field = value ?? ""; } = "";

    public DateTimeOffset? Checked { get; init; }

    public long LastRevision { get; init; }

    public long Keys { get; init; }

    public CopyHash? ClusterHash { get; init; }

    public static CopyFacts Of(Snapshot snapshot) => new()
    {
        Name = snapshot.Name, Size = snapshot.Size, Sha256 = snapshot.Sha256, Revision = snapshot.Revision, ClusterId = snapshot.ClusterId, MemberId = snapshot.MemberId, EtcdVersion = snapshot.EtcdVersion,
        Taken = snapshot.Taken?.ToDateTimeOffset() ?? default, OpenedBy = snapshot.OpenedBy, Checked = snapshot.Checked?.ToDateTimeOffset(), LastRevision = snapshot.LastRevision, Keys = snapshot.Keys,
        ClusterHash = snapshot.ClusterHash is { } hash ? new(hash.Hash, hash.Revision, hash.CompactRevision) : null,
    };

    /// <summary>As the protocol has it.</summary>
    public Snapshot Message() => new()
    {
        Name = Name, Size = Size, Sha256 = Sha256, Revision = Revision, ClusterId = ClusterId, MemberId = MemberId, EtcdVersion = EtcdVersion, Taken = Timestamp.FromDateTimeOffset(Taken), OpenedBy = OpenedBy,
        Verified = OpenedBy.Length > 0, Checked = Checked is { } at ? Timestamp.FromDateTimeOffset(at) : null, LastRevision = LastRevision, Keys = Keys,
        ClusterHash = ClusterHash is { } hash ? new() { Hash = hash.Hash, Revision = hash.Revision, CompactRevision = hash.CompactRevision } : null,
    };
}

/// <summary>HashKV of the cluster when the snapshot was taken.</summary>
internal sealed record CopyHash(uint Hash, long Revision, long CompactRevision);
