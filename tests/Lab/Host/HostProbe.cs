using System.Globalization;

namespace EtcdFleet.Lab.Host;

/// <summary>Says what this machine lacks to run a lab.</summary>
internal static class HostProbe
{
    private static readonly (string Program, string Package)[] Programs =
    [
        ("systemd-nspawn", "systemd-container"), ("debootstrap", "debootstrap"), ("ip", "iproute2"), ("nsenter", "util-linux"),
        ("mount", "mount"), ("apt-get", "apt"), ("dpkg-deb", "dpkg"), ("tar", "tar"), ("haproxy", "haproxy"),
    ];

    /// <summary>One line for each thing that is missing, with what to do; empty when a lab can run.</summary>
    public static IReadOnlyList<string> Missing()
    {
        var missing = new List<string>();
        if (!Environment.IsPrivilegedProcess)
        {
            missing.Add("root: found an ordinary user, expected root; run it with sudo");
        }

        missing.AddRange(Programs.Where(p => !IsInstalled(p.Program)).Select(p => $"{p.Program}: not found in PATH; apt-get install {p.Package}"));
        if (!File.ReadLines("/proc/filesystems").Any(l => l.EndsWith("\toverlay", StringComparison.Ordinal)) && !HasModule("overlay"))
        {
            missing.Add("overlayfs: the kernel does not have it; boot a kernel with CONFIG_OVERLAY_FS");
        }

        if (!File.Exists("/proc/self/ns/net"))
        {
            missing.Add("network namespaces: the kernel does not have them; boot a kernel with CONFIG_NET_NS");
        }

        var cgroup = File.ReadLines("/proc/self/mounts").Select(l => l.Split(' ')).FirstOrDefault(f => f[2] == "cgroup2");
        if (cgroup is null)
        {
            missing.Add("cgroup v2: not mounted; mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified, or boot with systemd.unified_cgroup_hierarchy=1");
        }
        else if (cgroup[3].Split(',').Contains("ro"))
        {
            missing.Add($"cgroup v2: {cgroup[1]} is mounted read-only, as in an ordinary container; run on a machine, or in a container that may write there");
        }

        try
        {
            _ = AptSources.FindDebian();
        }
        catch (LabException e)
        {
            missing.Add($"Debian archive: {e.Message}");
        }

        return missing;
    }

    /// <summary>Throws when anything is missing.</summary>
    /// <exception cref="LabException">With every line of <see cref="Missing"/>.</exception>
    public static void Require()
    {
        if (Missing() is { Count: > 0 } missing)
        {
            throw new LabException(string.Create(CultureInfo.InvariantCulture, $"this machine cannot run the lab; it lacks {missing.Count}:\n{string.Join('\n', missing)}"));
        }
    }

    private static bool IsInstalled(string program) =>
        // An ordinary user's PATH lacks sbin; root's does not.
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static bool HasModule(string module)
    {
        var list = $"/lib/modules/{(File.Exists("/proc/sys/kernel/osrelease") ? File.ReadAllText("/proc/sys/kernel/osrelease").Trim() : "")}/modules.dep";
        return File.Exists(list) && File.ReadLines(list).Any(l => l.Contains($"/{module}.ko", StringComparison.Ordinal));
    }
}
