using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Commands;

/// <summary><c>kubeadm certs check-expiration</c>: without etcd's certificates, once etcd is external (FACTS 17).</summary>
internal static class CheckExpiration
{
    private static readonly (string Name, string Authority, bool OfEtcd)[] Certificates =
    [
        ("admin.conf", "ca", false), ("apiserver", "ca", false), ("apiserver-etcd-client", "etcd-ca", true), ("apiserver-kubelet-client", "ca", false), ("controller-manager.conf", "ca", false),
        ("etcd-healthcheck-client", "etcd-ca", true), ("etcd-peer", "etcd-ca", true), ("etcd-server", "etcd-ca", true), ("front-proxy-client", "front-proxy-ca", false), ("scheduler.conf", "ca", false),
        ("super-admin.conf", "ca", false),
    ];

    private static readonly (string Name, bool OfEtcd)[] Authorities = [("ca", false), ("etcd-ca", true), ("front-proxy-ca", false)];

    public static async Task RunAsync(KubeadmFlags flags, KubeadmHost host)
    {
        flags.RefuseBesideConfig();
        var config = flags.Given("config") ? KubeadmConfig.Load(flags["config"], host) : await OfClusterAsync(flags, host);
        var external = config.ExternalEtcd is not null;
        host.Say("");
        Table(host, "CERTIFICATE", Certificates.Where(c => !external || !c.OfEtcd).Select(c => (c.Name, c.Authority, Expiry(config, host, c.Name))));
        host.Say("");
        Table(host, "CERTIFICATE AUTHORITY", Authorities.Where(c => !external || !c.OfEtcd).Select(c => (c.Name, "", Expiry(config, host, c.Name))));
    }

    private static async Task<KubeadmConfig> OfClusterAsync(KubeadmFlags flags, KubeadmHost host)
    {
        try
        {
            using var cluster = KubeadmCluster.Connect(host, flags["kubeconfig"], "5s");
            return await cluster.ReadConfigurationAsync("check-expiration");
        }
        catch (KubeadmException)
        {
            host.Say("[check-expiration] Error reading configuration from the Cluster. Falling back to default configuration");
            return KubeadmConfig.Complete([], new() { ["kubernetesVersion"] = host.Version.ToString() }, host);
        }
    }

    private static DateTimeOffset? Expiry(KubeadmConfig config, KubeadmHost host, string name)
    {
        if (name.EndsWith(".conf", StringComparison.Ordinal))
        {
            var path = host.At($"/etc/kubernetes/{name}");
            return File.Exists(path) ? Until(Kubeconfig.Load(path).CertificatePem) : null;
        }

        var file = $"{config.CertificatesDir}/{(name.StartsWith("etcd-", StringComparison.Ordinal) ? $"etcd/{name[5..]}" : name)}.crt";
        return File.Exists(file) ? Until(File.ReadAllText(file)) : null;
    }

    private static DateTimeOffset Until(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return new(certificate.NotAfter.ToUniversalTime());
    }

    private static void Table(KubeadmHost host, string title, IEnumerable<(string Name, string Authority, DateTimeOffset? Until)> rows)
    {
        var authority = title == "CERTIFICATE" ? "CERTIFICATE AUTHORITY" : "";
        host.Say($"{title,-26} {"EXPIRES",-22} {"RESIDUAL TIME",-15} {authority,-22}  EXTERNALLY MANAGED");
        foreach (var row in rows)
        {
            host.Say(row.Until is { } until
                ? string.Create(CultureInfo.InvariantCulture, $"{row.Name,-26} {until:MMM dd, yyyy HH:mm} UTC {$"{(until - host.Time.GetUtcNow()).Days}d",-15} {row.Authority,-22}  no")
                : $"!MISSING! {row.Name}");
        }
    }
}
