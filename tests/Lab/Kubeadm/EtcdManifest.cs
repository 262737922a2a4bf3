using EtcdFleet.TestKit;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary><c>/etc/kubernetes/manifests/etcd.yaml</c> as kubeadm writes it.</summary>
internal sealed record EtcdManifest
{
    /// <summary>Where it lies.</summary>
    public const string Path = "/etc/kubernetes/manifests/etcd.yaml";

    /// <summary>etcd's version, <c>3.5.16</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The member's name.</summary>
    public required string MemberName { get; init; }

    /// <summary>The node's address.</summary>
    public required string Address { get; init; }

    /// <summary>The data dir.</summary>
    public required string DataDir { get; init; }

    /// <summary>Members that were there when this one came, and itself: name and address.</summary>
    public required IReadOnlyList<(string Name, string Address)> InitialCluster { get; init; }

    /// <summary>The user's extraArgs.</summary>
    public required IReadOnlyDictionary<string, string> ExtraArgs { get; init; }

    /// <summary>The image's tag: kubeadm's first build of that version.</summary>
    public string ImageTag => $"{Version}-0";

    /// <summary>etcd's flags, sorted by name as kubeadm sorts them (FACTS 9).</summary>
    public IReadOnlyList<string> Flags()
    {
        var flags = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["advertise-client-urls"] = $"https://{Address}:2379",
            ["cert-file"] = "/etc/kubernetes/pki/etcd/server.crt",
            ["client-cert-auth"] = "true",
            ["data-dir"] = DataDir,
            ["initial-advertise-peer-urls"] = $"https://{Address}:2380",
            ["initial-cluster"] = string.Join(',', InitialCluster.Select(m => $"{m.Name}=https://{m.Address}:2380")),
            ["key-file"] = "/etc/kubernetes/pki/etcd/server.key",
            ["listen-client-urls"] = $"https://127.0.0.1:2379,https://{Address}:2379",
            ["listen-metrics-urls"] = "http://127.0.0.1:2381",
            ["listen-peer-urls"] = $"https://{Address}:2380",
            ["name"] = MemberName,
            ["peer-cert-file"] = "/etc/kubernetes/pki/etcd/peer.crt",
            ["peer-client-cert-auth"] = "true",
            ["peer-key-file"] = "/etc/kubernetes/pki/etcd/peer.key",
            ["peer-trusted-ca-file"] = "/etc/kubernetes/pki/etcd/ca.crt",
            ["snapshot-count"] = "10000",
            ["trusted-ca-file"] = "/etc/kubernetes/pki/etcd/ca.crt",
        };
        // kubeadm 1.34 and later, which bring 3.6, use the names that came out of 'experimental'.
        var experimental = Version.StartsWith("3.5.", StringComparison.Ordinal);
        flags[experimental ? "experimental-initial-corrupt-check" : "feature-gates"] = experimental ? "true" : "InitialCorruptCheck=true";
        flags[experimental ? "experimental-watch-progress-notify-interval" : "watch-progress-notify-interval"] = "5s";
        if (InitialCluster.Count > 1)
        {
            flags["initial-cluster-state"] = "existing";
        }

        foreach (var (name, value) in ExtraArgs)
        {
            flags[name] = value;
        }

        return [.. flags.Select(f => $"--{f.Key}={f.Value}")];
    }

    /// <summary>The whole file.</summary>
    public string ToYaml() => KubeadmManifest.Text(Flags(), DataDir, "/etc/kubernetes/pki/etcd", $"registry.k8s.io/etcd:{ImageTag}", Address);
}
