namespace EtcdFleet.Agent.Host;

/// <summary>Every path that the agent knows, below one prefix: <c>/</c> in production, a scratch folder in tests.</summary>
/// <remarks>Callers of the agent never send a path; what they name is turned into one here and nowhere else.</remarks>
internal sealed record HostRoot(string Prefix)
{
    /// <summary>The machine itself.</summary>
    public static HostRoot Machine { get; } = new("/");

    public string EtcdManifest => At("/etc/kubernetes/manifests/etcd.yaml");

    public string Manifests => At("/etc/kubernetes/manifests");

    /// <summary>Outside the kubelet's folder (FACTS 2) and in the same mount as it, so that a rename is one (FACTS 26).</summary>
    public string Stash => At("/etc/kubernetes/etcdfleet-stash");

    public string StashedEtcdManifest => At("/etc/kubernetes/etcdfleet-stash/etcd.yaml");

    public string ApiServerManifest => At("/etc/kubernetes/manifests/kube-apiserver.yaml");

    public string StashedApiServerManifest => At("/etc/kubernetes/etcdfleet-stash/kube-apiserver.yaml");

    public string AdminConf => At("/etc/kubernetes/admin.conf");

    public string KubeletConf => At("/etc/kubernetes/kubelet.conf");

    public string EtcdPki => At("/etc/kubernetes/pki/etcd");

    public string EtcdClientCertificate => At("/etc/kubernetes/pki/apiserver-etcd-client.crt");

    public string EtcdClientKey => At("/etc/kubernetes/pki/apiserver-etcd-client.key");

    public string EtcdConf => At("/etc/etcd");

    public string EtcdEnv => At("/etc/etcd/etcd.env");

    public string Units => At("/etc/systemd/system");

    public string EtcdUnit => At("/etc/systemd/system/etcd.service");

    public string Binaries => At("/usr/local/bin");

    /// <summary>Undo records, operations, audit, releases: 0700.</summary>
    public string State => At("/var/lib/etcdfleet");

    public string Snapshots => At("/var/backups/etcd");

    public string Identity => At("/etc/etcdfleet/pki");

    public string Configuration => At("/etc/etcdfleet/agent.yaml");

    public string Proc => At("/proc");

    public string Passwd => At("/etc/passwd");

    public string Group => At("/etc/group");

    /// <summary>A path of the host, below the prefix.</summary>
    /// <exception cref="ArgumentException">The path is not absolute, or climbs.</exception>
    public string At(string absolute)
    {
        if (!absolute.StartsWith('/') || absolute.Split('/').Contains(".."))
        {
            throw new ArgumentException($"path is '{absolute}', expected an absolute one without '..'", nameof(absolute));
        }

        return Prefix == "/" ? absolute : Prefix.TrimEnd('/') + absolute;
    }

    /// <summary>The other way round: what a path below the prefix is called on the host.</summary>
    public string Name(string path) => Prefix == "/" ? path : path[Prefix.TrimEnd('/').Length..];
}
