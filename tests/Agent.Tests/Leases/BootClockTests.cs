using EtcdFleet.Agent.Leases;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Leases;

/// <summary>The kernel's own clock, which a lease is measured by.</summary>
public sealed class BootClockTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    [Fact]
    public void Now_IsTheKernelsCountAndTheBootsId()
    {
        var clock = new BootClock(_host.Root);
        var before = Uptime();
        var now = clock.Now;
        var after = Uptime();

        Assert.Equal(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), now.Boot);
        Assert.InRange(now.Elapsed, before - TimeSpan.FromMilliseconds(20), after + TimeSpan.FromMilliseconds(20)); // uptime has hundredths
        Assert.True(clock.Now.Elapsed >= now.Elapsed);
    }

    [Fact]
    public void Timestamps_OfTheCoordinatorsClock_AreTheSameCount()
    {
        var time = new BootTimeProvider();
        var before = BootTime.Elapsed();

        Assert.InRange(time.GetElapsedTime(0, time.GetTimestamp()), before, BootTime.Elapsed());
    }

    [Fact]
    public void Now_WithoutABootsId_IsNoTime()
    {
        File.Delete(_host.Root.Proc);
        _host.Folder("/proc/sys/kernel/random");
        _host.Write("/proc/sys/kernel/random/boot_id", "\n");

        Assert.Contains("boot_id is empty", Assert.Throws<IOException>(() => new BootClock(_host.Root).Now).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _host.Dispose();

    /// <summary>proc_uptime(5): it counts suspension as well.</summary>
    private static TimeSpan Uptime() => TimeSpan.FromSeconds(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
}
