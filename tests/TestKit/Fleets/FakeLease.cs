using EtcdFleet.Agent.Leases;

namespace EtcdFleet.TestKit;

/// <summary>What a simulated agent has of its lease, on its disk and by its kernel.</summary>
internal sealed record FakeLease
{
    public LeaseState State { get; set; } = LeaseState.New;

    /// <summary>Another one after a reboot.</summary>
    public string Boot { get; set; } = "boot-1";

    /// <summary>Whose lease was granted last and has not been ended; null for nobody's.</summary>
    public string? Run => State.Last?.Run;

    public ulong? Fence => State.Last?.Fence;

    public TimeSpan? Ttl => State.Last?.Ttl;

    public ulong? Renewals => State.Last?.Renewals;

    public ulong Highest => State.Highest;

    /// <summary>The run whose lease was broken last.</summary>
    public string Broken => State.Broken;

    public void Break(DateTimeOffset now) => State = State.Break(State.Highest, At(now));

    public BootMoment At(DateTimeOffset now) => new(Boot, now - DateTimeOffset.UnixEpoch);
}
