namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The names that an Ansible inventory has for what fleet.yaml says. Every one is written down in docs/ansible-inventory.md.</summary>
internal sealed class AnsibleNames : FleetNames
{
    public const string Leader = "k8s-cp-leader";
    public const string Follower = "k8s-cp-follower";
    public const string ControlPlane = "k8s-cp";
    public const string Worker = "k8s-wk";

    public const string Address = "ansible_host";
    public const string Port = "etcdfleet_agent_port";
    public const string Cluster = "etcdfleet_cluster";
    public const string EtcdVersion = "etcd_version";
    public const string DownloadUrl = "etcd_download_url";
    public const string MaintenanceEnabled = "etcd_maintenance_enabled";

    private AnsibleNames()
    {
    }

    public static AnsibleNames Instance { get; } = new();

    /// <summary>The groups that make a host a node.</summary>
    public static IReadOnlyList<string> Groups { get; } = [ControlPlane, Leader, Follower, Worker];

    /// <summary>Settings of the whole fleet, with their paths in fleet.yaml.</summary>
    public static IReadOnlyList<(string Name, string Path)> Settings { get; } =
    [
        (Cluster, "cluster"),
        .. ((string[])["version", "download_url", "sha256", "data_dir", "conf_dir", "pki_dir", "client_cert", "client_key", "mode", "cluster_state_mode", "upgrade_strategy",
            "maintenance_enabled", "snapshot_dir", "initial_cluster_token"]).Select(key => ($"etcd_{key}", $"etcd.{key}")),
        ("kubernetes_version", "kubernetes.version"),
        ("kubeadm_patches_dir", "kubernetes.kubeadm_patches_dir"),
        ("kubeadm_ignore_preflight_errors", "kubernetes.kubeadm_ignore_preflight_errors"),
    ];

    public override string AgentPort => $"the variable {Port}";

    public override string OneLeader => $"one of them in the group {Leader}";

    public override string ControlPlaneNode => $"at least one host in the group {ControlPlane}";

    public override string VersionInUrl => "{{ " + EtcdVersion + " }} or ${version}";

    public override string About(string path) => Name(path) is { } name ? $"{name}: " : "";

    public override string Setting(string path) => Name(path) ?? path;

    public override string Key(string path) => Setting(path);

    public override string Missing(string path, string key) => $"found no value, expected one for the control-plane nodes in group_vars, in host_vars or in the hosts file";

    private static string? Name(string path) =>
        path.EndsWith("].address", StringComparison.Ordinal) ? Address
        : path.EndsWith("].agent_port", StringComparison.Ordinal) ? Port
        : Settings.FirstOrDefault(setting => path == setting.Path || path.StartsWith(setting.Path + ".", StringComparison.Ordinal)).Name;
}
