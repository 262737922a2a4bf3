using EtcdFleet.Agent.Leases;

namespace EtcdFleet.TestKit;

/// <summary>What a simulated agent has of its lease, on its disk and by its kernel.</summary>
internal sealed record FakeLease
{
    public LeaseState State { get; set; } = LeaseState.New;

    /// <summary>Another one after a reboot.</summary>
    public string Boot { get; set; } = "boot-1";

    public BootMoment At(DateTimeOffset now) => new(Boot, now - DateTimeOffset.UnixEpoch);
}
