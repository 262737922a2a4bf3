using EtcdFleet.Agent.Leases;

namespace EtcdFleet.TestKit;

/// <summary>The kernel's count of a test's clock.</summary>
internal sealed class FakeBootClock(TimeProvider time) : IBootClock
{
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private TimeSpan _before = TimeSpan.FromHours(1);

    public string Boot { get; private set; } = "boot-1";

    public BootMoment Now => new(Boot, _before + (time.GetUtcNow() - _started));

    /// <summary>The machine comes up again, and its kernel counts from the beginning.</summary>
    public void Reboot(string boot, TimeSpan up = default)
    {
        Boot = boot;
        _before = up - (time.GetUtcNow() - _started);
    }
}
