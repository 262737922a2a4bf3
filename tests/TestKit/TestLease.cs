using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>The lease that a test's mutating calls carry, where leases are not what it is about.</summary>
internal static class TestLease
{
    public const string Run = "run-1";

    public const ulong Fence = 7;

    /// <summary>Longer than any test's clock goes.</summary>
    private static readonly TimeSpan Ttl = TimeSpan.FromDays(365);

    public static Operation Operation(string id, string step = "") => new() { Id = id, Run = Run, Step = step, Fence = Fence };

    /// <summary>An agent that has granted it.</summary>
    public static LeaseState State(BootMoment now) => LeaseState.New.Acquire(
        new() { Fence = Fence, Run = Run, Cluster = FleetPki.Cluster, Holder = "a test", Caller = "nobody", Since = DateTimeOffset.UnixEpoch, Ttl = Ttl, Boot = now.Boot, Expires = now.Elapsed }, now);
}
