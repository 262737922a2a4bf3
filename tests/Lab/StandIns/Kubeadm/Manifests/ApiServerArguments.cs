using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

/// <summary>The command of kube-apiserver's container.</summary>
internal static class ApiServerArguments
{
    /// <summary>kubeadm's flags, sorted by name, without those that the user has as well; then the user's, in the user's order.</summary>
    public static IReadOnlyList<string> Of(KubeadmConfig config)
    {
        var users = (config.Cluster.At("apiServer", "extraArgs") as JsonArray ?? []).Select(a => (Name: a.TextAt("name"), Value: a.TextAt("value"))).ToList();
        var own = Defaults(config).Concat(OfEtcd(config));
        if (users.All(u => u.Name != "authorization-config"))
        {
            own = own.Append(("authorization-mode", "Node,RBAC"));
        }

        return
        [
            "kube-apiserver",
            .. own.Where(o => users.All(u => u.Name != o.Name)).OrderBy(o => o.Name, StringComparer.Ordinal).Concat(users).Select(a => $"--{a.Name}={a.Value}"),
        ];
    }

    private static IEnumerable<(string Name, string Value)> Defaults(KubeadmConfig config)
    {
        string Pki(string file) => $"{config.CertificatesDir}/{file}";
        return
        [
            ("advertise-address", config.AdvertiseAddress),
            ("enable-admission-plugins", "NodeRestriction"),
            ("service-cluster-ip-range", config.Cluster.TextAt("networking", "serviceSubnet")),
            ("service-account-key-file", Pki("sa.pub")),
            ("service-account-signing-key-file", Pki("sa.key")),
            ("service-account-issuer", $"https://kubernetes.default.svc.{config.Cluster.TextAt("networking", "dnsDomain")}"),
            ("client-ca-file", Pki("ca.crt")),
            ("tls-cert-file", Pki("apiserver.crt")),
            ("tls-private-key-file", Pki("apiserver.key")),
            ("kubelet-client-certificate", Pki("apiserver-kubelet-client.crt")),
            ("kubelet-client-key", Pki("apiserver-kubelet-client.key")),
            ("enable-bootstrap-token-auth", "true"),
            ("secure-port", config.BindPort.ToString(CultureInfo.InvariantCulture)),
            ("allow-privileged", "true"),
            ("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"),
            ("requestheader-username-headers", "X-Remote-User"),
            ("requestheader-group-headers", "X-Remote-Group"),
            ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
            ("requestheader-client-ca-file", Pki("front-proxy-ca.crt")),
            ("requestheader-allowed-names", "front-proxy-client"),
            ("proxy-client-cert-file", Pki("front-proxy-client.crt")),
            ("proxy-client-key-file", Pki("front-proxy-client.key")),
        ];
    }

    private static IEnumerable<(string Name, string Value)> OfEtcd(KubeadmConfig config)
    {
        if (config.ExternalEtcd is { } external)
        {
            yield return ("etcd-servers", string.Join(',', external.TextsAt("endpoints")));
            if (external.TextAt("caFile") is { Length: > 0 } authority)
            {
                yield return ("etcd-cafile", authority);
            }

            if (external.TextAt("certFile") is { Length: > 0 } certificate && external.TextAt("keyFile") is { Length: > 0 } key)
            {
                yield return ("etcd-certfile", certificate);
                yield return ("etcd-keyfile", key);
            }

            yield break;
        }

        var advertised = (config.Cluster.At("etcd", "local", "extraArgs") as JsonArray ?? []).FirstOrDefault(a => a.TextAt("name") == "advertise-client-urls").TextAt("value");
        var loopback = config.AdvertiseAddress.Contains(':', StringComparison.Ordinal) ? "[::1]" : "127.0.0.1";
        yield return ("etcd-servers", advertised.Length > 0 ? advertised : $"https://{loopback}:2379");
        yield return ("etcd-cafile", $"{config.CertificatesDir}/etcd/ca.crt");
        yield return ("etcd-certfile", $"{config.CertificatesDir}/apiserver-etcd-client.crt");
        yield return ("etcd-keyfile", $"{config.CertificatesDir}/apiserver-etcd-client.key");
    }
}
