using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Lab.Host;

namespace EtcdFleet.Lab.Machines;

/// <summary>The Debian that every node starts from: the lower layer of their overlays. Made once and kept.</summary>
internal sealed class RootFilesystem
{
    private readonly string _suite;
    private readonly string _packages;

    /// <summary>What a Debian server has, as far as an agent may rely on it; libstdc++6 is for the stand-ins' .NET.</summary>
    private const string Server =
        "systemd,systemd-sysv,dbus,iproute2,iputils-ping,procps,ca-certificates,openssl,nftables,util-linux,mount,kmod,adduser,netbase,init-system-helpers,libstdc++6";

    /// <summary>Timers, consoles and servers that only cost time where nobody asks for them, and a resolver that would ask around.</summary>
    private static readonly string[] Masked =
    [
        "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer", "logrotate.timer", "man-db.timer",
        "ssh.service", "ssh.socket", "sshd-unix-local.socket", "console-getty.service", "ldconfig.service", "systemd-journal-catalog-update.service", "systemd-firstboot.service", "systemd-networkd.service", "systemd-resolved.service",
    ];

    private RootFilesystem(string cache, string suite, string packages)
    {
        (_suite, _packages) = (suite, packages);
        Folder = Path.Combine(cache, $"root-{suite}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(packages + string.Join(',', Masked))))[..8]}");
    }

    /// <summary>Debian 13, with what the operator's Ansible and the nodes that it logs in to need.</summary>
    /// <remarks>debootstrap finds no package by a virtual name: python3-cryptography wants python3-cffi-backend by one.</remarks>
    /// <param name="cache">The lab's cache folder.</param>
    public static RootFilesystem Standard(string cache) => new(cache, "trixie", $"{Server},ansible-core,python3-cffi-backend,openssh-client,openssh-server,python3-apt");

    /// <summary>Debian 12 with containerd and runc: its systemd (252) is the last that lives with cgroup v1, whose controllers the containers need here.</summary>
    /// <param name="cache">The lab's cache folder.</param>
    public static RootFilesystem ForContainers(string cache) => new(cache, "bookworm", $"{Server},containerd,runc,conntrack,ethtool,socat,iptables,curl");

    /// <summary>Where it is; another list of packages makes another one.</summary>
    public string Folder { get; }

    /// <summary>Makes it when it is not there. Takes about a minute then.</summary>
    public async Task PrepareAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(Folder))
        {
            return;
        }

        progress($"debootstrap {_suite} (once; about a minute)");
        var archive = AptSources.FindDebian();
        var temporary = $"{Folder}.tmp";
        Mounts.DetachBelow(temporary);
        Mounts.DeleteTree(temporary);
        Directory.CreateDirectory(Path.GetDirectoryName(Folder)!);
        (await Command.RunAsync(["debootstrap", "--variant=minbase", $"--include={_packages}", _suite, temporary, archive.Uri], TimeSpan.FromMinutes(15), cancellationToken)).Checked();
        Mounts.DetachBelow(temporary);
        await SettleAsync(temporary, cancellationToken);
        Directory.Move(temporary, Folder);
    }

    private static async Task SettleAsync(string root, CancellationToken cancellationToken)
    {
        foreach (var unit in Masked)
        {
            var link = Path.Combine(root, "etc/systemd/system", unit);
            File.Delete(link);
            File.CreateSymbolicLink(link, "/dev/null");
        }

        foreach (var package in Directory.EnumerateFiles(Path.Combine(root, "var/cache/apt/archives"), "*.deb"))
        {
            File.Delete(package);
        }

        // Every node gets its own.
        await File.WriteAllTextAsync(Path.Combine(root, "etc/machine-id"), "", cancellationToken);
        // The lab's own journal must outlive a power cut.
        Directory.CreateDirectory(Path.Combine(root, "var/log/journal"));
    }
}
