using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Leases;

/// <summary>One lease, as it stands in lease.json.</summary>
internal sealed record HeldLease
{
    public required ulong Fence { get; init; }

    public required string Run { get; init; }

    public required string Cluster { get; init; }

    /// <summary>Who and from where, in the holder's own words.</summary>
    public required string Holder { get; init; }

    /// <summary>The certificate's identity.</summary>
    public required string Caller { get; init; }

    /// <summary>By the wall clock: for people, and for nothing else.</summary>
    public required DateTimeOffset Since { get; init; }

    public required TimeSpan Ttl { get; init; }

    /// <summary>The boot on which it counts.</summary>
    public required string Boot { get; init; }

    /// <summary>Since that boot.</summary>
    public required TimeSpan Expires { get; init; }

    public ulong Renewals { get; init; }

    /// <summary>Zero where it has expired, or is of an earlier boot; never more than a renewal would give.</summary>
    public TimeSpan Remaining(BootMoment now) => now.Boot == Boot && now.Elapsed < Expires ? TimeSpan.FromTicks(Math.Min((Expires - now.Elapsed).Ticks, Ttl.Ticks)) : TimeSpan.Zero;

    public Lease Message(BootMoment now) => new()
    {
        Fence = Fence, Run = Run, Cluster = Cluster, Holder = Holder, Caller = Caller, Since = Since.ToTimestamp(), TtlMs = (uint)Ttl.TotalMilliseconds,
        RemainingMs = (uint)Math.Ceiling(Remaining(now).TotalMilliseconds), Renewals = Renewals,
    };

    /// <summary>For a refusal: who it is, since when, and how long still.</summary>
    public string Words(BootMoment now) =>
        FormattableString.Invariant($"run {Run} ({(Holder.Length > 0 ? Holder : Caller)}) has this node's lease since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, fence {Fence}; it expires in {Math.Ceiling(Remaining(now).TotalSeconds)} s unless it is renewed");
}
