namespace EtcdFleet.TestKit;

/// <summary>Another coordinator's run, as far as the agents of some nodes know of it.</summary>
internal sealed class OtherRun(FakeFleet fleet, params IReadOnlyList<string> nodes)
{
    public const string Id = "20261123-020000-beef";

    public static TimeSpan Ttl { get; } = TimeSpan.FromSeconds(30);

    private IEnumerable<FakeLease> Leases => nodes.Select(node => fleet.Leases[node]);

    /// <summary>It is granted the lease, whatever was there before; the present one was broken, or has expired.</summary>
    public OtherRun Takes()
    {
        var fence = fleet.Leases.Values.Max(lease => lease.State.Highest) + 1;
        foreach (var lease in Leases)
        {
            var now = lease.At(fleet.Now);
            lease.State = lease.State.Break(fence, now).Acquire(
                new() { Fence = fence, Run = Id, Cluster = "kkg", Holder = "ann on another machine", Caller = "ann", Since = fleet.Now, Ttl = Ttl, Boot = now.Boot, Expires = now.Elapsed }, now);
        }

        return this;
    }

    /// <summary>Its coordinator is alive: every ten seconds it renews.</summary>
    public OtherRun IsAlive()
    {
        fleet.Time.Moved = _ =>
        {
            foreach (var lease in Leases)
            {
                if (lease.State.Present(lease.At(fleet.Now)) is { Run: Id } present && present.Remaining(lease.At(fleet.Now)) <= Ttl * 2 / 3)
                {
                    lease.State = lease.State.Renew(Id, present.Fence, lease.At(fleet.Now));
                }
            }
        };
        return this;
    }
}
