using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Leases;

/// <summary>CLOCK_BOOTTIME with the boot's id, from the kernel.</summary>
internal sealed class BootClock(HostRoot root) : IBootClock
{
    public BootMoment Now => new(Boot(), BootTime.Elapsed());

    private string Boot()
    {
        var path = Path.Combine(root.Proc, "sys/kernel/random/boot_id");
        var id = File.ReadAllText(path).Trim();
        return id.Length > 0 ? id : throw new IOException($"{root.Name(path)} is empty, expected this boot's id");
    }
}
