using System.Globalization;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>Certificates, room, the etcd user, the container runtime.</summary>
internal static class HostChecks
{
    /// <summary>A tarball, what is in it, and the binaries as installed.</summary>
    private const ulong ReleaseRoom = 300UL * 1024 * 1024;

    /// <summary>A certificate with less than this left is worth a word now: kubeadm no longer renews it afterwards (FACTS 17).</summary>
    private static readonly TimeSpan SoonExpired = TimeSpan.FromDays(30);

    public static IEnumerable<Finding> Evaluate(Fleet fleet, IReadOnlyList<NodeReport> reports, CheckOptions options) =>
        from report in reports
        where report.Facts is not null
        from finding in Certificates(report, report.Facts!, options).Concat(Host(fleet, report, report.Facts!))
        select finding;

    private static IEnumerable<Finding> Certificates(NodeReport report, GetNodeResponse facts, CheckOptions options)
    {
        var sound = true;
        foreach (var certificate in facts.Certificates)
        {
            var (severity, found, fix) = certificate switch
            {
                { Exists: false } => (Severity.Refusal, "is missing, expected kubeadm's", "restore it; a migration reuses kubeadm's certificates (D2)"),
                { Problem.Length: > 0 } => (Severity.Refusal, $"cannot be used: {certificate.Problem}; expected it sound and readable", "restore it, or renew it with 'kubeadm certs renew'"),
                { EtcdCanReach: false } => (Severity.Refusal, "lies where the etcd user cannot get to: a folder above it lets no others through, expected it to", "give the folders below /etc/kubernetes/pki their mode 0755 back, as kubeadm makes them"),
                _ when certificate.NotAfter.ToDateTimeOffset() < options.Now => (Severity.Refusal, $"expired at {Time(certificate)}, expected one that is valid now", "renew it with 'kubeadm certs renew', and restart etcd's clients"),
                _ when certificate.NotBefore.ToDateTimeOffset() > options.Now => (Severity.Refusal, $"is not valid before {certificate.NotBefore.ToDateTimeOffset():u}, expected one that is valid now", "look at the clocks"),
                _ when certificate.NotAfter.ToDateTimeOffset() - options.Now < SoonExpired => (Severity.Warning, $"expires at {Time(certificate)}", "renew it soon: kubeadm does not after the migration"),
                _ => (Severity.Pass, "", ""),
            };
            if (severity != Severity.Pass)
            {
                sound = false;
                yield return new("certificate", report.Node.Name, severity, $"{certificate.Path} {found}", fix);
            }
        }

        foreach (var (key, why, fix) in facts.Keys.Select(Unsound).OfType<(string, string, string)>())
        {
            sound = false;
            yield return new("certificate", report.Node.Name, Severity.Refusal, $"{key} {why}", fix);
        }

        if (sound)
        {
            var first = facts.Certificates.MinBy(certificate => certificate.NotAfter);
            yield return new("certificate", report.Node.Name, Severity.Pass, $"{facts.Certificates.Count} certificates and {facts.Keys.Count} keys, the first to expire at {(first is null ? "never" : Time(first))}");
        }
    }

    /// <summary>What is wrong with a key, and what to do; null when it is sound. A key has no dates.</summary>
    private static (string Path, string Why, string Fix)? Unsound(PrivateKey key) => key switch
    {
        { Exists: false } => (key.Path, "is missing, expected kubeadm's", "restore it; a migration reuses kubeadm's certificates (D2)"),
        { Problem.Length: > 0 } => (key.Path, $"cannot be used: {key.Problem}; expected it sound and readable", "restore it, or renew its certificate with 'kubeadm certs renew'"),
        { EtcdCanReach: false } => (key.Path, "lies where the etcd user cannot get to: a folder above it lets no others through, expected it to", "give the folders below /etc/kubernetes/pki their mode 0755 back, as kubeadm makes them"),
        _ => null,
    };

    private static IEnumerable<Finding> Host(Fleet fleet, NodeReport report, GetNodeResponse facts)
    {
        var node = report.Node.Name;
        if (!facts.EtcdUser.UserExists || !facts.EtcdUser.GroupExists)
        {
            yield return new("etcd-user", node, Severity.Refusal, "there is no user or no group etcd, expected both", "systemd-sysusers (the agent's package has the file for it)");
        }

        // Without the runtime's word "no container" cannot be told from "nobody knows" (FACTS 3).
        if (facts.ContainerRuntime.Problem.Length > 0)
        {
            yield return new("container-runtime", node, Severity.Refusal, $"{facts.ContainerRuntime.Socket}: {facts.ContainerRuntime.Problem}; expected the CRI to answer", "see that the container runtime runs");
        }

        if (facts.Release.OtherEtcd.Length > 0)
        {
            yield return new("other-etcd", node, Severity.Warning, $"another etcd is installed: {facts.Release.OtherEtcd}", "see that its service is not enabled; remove the package if nobody needs it");
        }

        foreach (var (purpose, needed) in Needed(fleet, facts))
        {
            if (facts.Volumes.FirstOrDefault(volume => volume.Purpose == purpose) is not { } volume)
            {
                yield return new("room", node, Severity.Refusal, $"nothing is known of the volume for {purpose}, expected its free space", "see the agent's journal; without a manifest it does not know the data dir");
                continue;
            }

            if (!volume.Writable)
            {
                yield return new("room", node, Severity.Refusal, $"{volume.Path} cannot be written by the agent, expected to be", $"add it to the agent's sandbox: systemctl edit etcdfleet-agent, [Service] ReadWritePaths={volume.Path}");
            }
            else if (volume.Free < needed)
            {
                yield return new("room", node, Severity.Refusal, $"{volume.Path} has {Mebibytes(volume.Free)} MiB free, expected {Mebibytes(needed)} for {purpose}", "make room");
            }
            else
            {
                yield return new("room", node, Severity.Pass, $"{Mebibytes(volume.Free)} MiB free for {purpose}");
            }
        }
    }

    /// <summary>A snapshot is at most as large as the database; a tenth is added for what is written meanwhile.</summary>
    private static IEnumerable<(string Purpose, ulong Bytes)> Needed(Fleet fleet, GetNodeResponse facts)
    {
        yield return ("snapshots", (facts.DataDir.DatabaseSize / 10 * 11) + (64UL * 1024 * 1024));
        yield return ("releases", facts.Release.Etcd == fleet.Etcd.Version ? 0 : ReleaseRoom);
        yield return ("data", 0);
    }

    private static string Mebibytes(ulong bytes) => (bytes / 1024 / 1024).ToString(CultureInfo.InvariantCulture);

    private static string Time(Certificate certificate) => certificate.NotAfter.ToDateTimeOffset().ToString("u", CultureInfo.InvariantCulture);
}
