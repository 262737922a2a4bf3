namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Makes a fleet of parts in the shape of fleet.yaml. Every key is written down in docs/fleet-yaml.md.</summary>
internal static class FleetBuilder
{
    private static readonly string[] RootKeys = ["cluster", "nodes", "etcd", "kubernetes"];

    private static readonly string[] NodeKeys = ["name", "address", "leader", "role", "agent_port"];

    private static readonly string[] EtcdKeys =
    [
        "version", "download_url", "sha256", "data_dir", "conf_dir", "pki_dir", "client_cert", "client_key", "mode", "cluster_state_mode",
        "upgrade_strategy", "maintenance_enabled", "snapshot_dir", "initial_cluster_token",
    ];

    private static readonly string[] KubernetesKeys = ["version", "kubeadm_patches_dir", "kubeadm_ignore_preflight_errors"];

    /// <summary>Settings that exist, with the one value that works today: silence about another one would be a trap.</summary>
    private static readonly (string Key, string Value)[] Fixed =
    [
        ("conf_dir", "/etc/etcd"),
        ("pki_dir", "/etc/kubernetes/pki/etcd"),
        ("client_cert", "/etc/kubernetes/pki/apiserver-etcd-client.crt"),
        ("client_key", "/etc/kubernetes/pki/apiserver-etcd-client.key"),
        ("upgrade_strategy", "serial"),
        ("snapshot_dir", "/var/backups/etcd"),
    ];

    /// <summary>Reads and judges. What is wrong is with the reader; the fleet is sound only if that has not failed.</summary>
    public static Fleet Build(FleetReader reader, YamlPart root)
    {
        var fleet = FleetOf(reader, root);
        // With one control-plane node nobody has to say which one leads.
        if (fleet.ControlPlane is [{ IsLeader: false } only])
        {
            fleet = fleet with { Nodes = [.. fleet.Nodes.Select(node => node == only ? node with { IsLeader = true } : node)] };
        }

        var leadersUnclear = reader.FailedAt(path => path.EndsWith(".leader", StringComparison.Ordinal) || path.EndsWith(".role", StringComparison.Ordinal) || path is "nodes" or "");
        foreach (var problem in FleetValidator.Problems(fleet, reader.Names).Where(problem => !(leadersUnclear && problem.Path == FleetValidator.NodesPath)))
        {
            reader.Problem(problem);
        }

        return fleet;
    }

    private static Fleet FleetOf(FleetReader reader, YamlPart root)
    {
        var entries = reader.Mapping(root, "", RootKeys, "cluster", "nodes", "etcd");
        var nodes = reader.List(entries, "", "nodes", "a list of nodes, each with name and address");
        return new Fleet
        {
            Cluster = reader.Text(entries, "", "cluster", "", "the cluster's name"),
            Nodes = [.. nodes.Select((node, index) => NodeOf(reader, node, $"nodes[{index}]"))],
            Etcd = EtcdOf(reader, entries.GetValueOrDefault("etcd")),
            Kubernetes = KubernetesOf(reader, entries.GetValueOrDefault("kubernetes")),
        };
    }

    private static FleetNode NodeOf(FleetReader reader, YamlPart part, string path)
    {
        var entries = reader.Mapping(part, path, NodeKeys, "name", "address");
        return new FleetNode
        {
            Name = reader.Text(entries, path, "name", "", "the node's name, as Kubernetes has it"),
            Address = reader.Text(entries, path, "address", "", "an IP address or a DNS name"),
            IsLeader = reader.Flag(entries, path, "leader", false),
            Role = reader.Word(entries, path, "role", "control-plane", "control-plane", "worker") == "worker" ? NodeRole.Worker : NodeRole.ControlPlane,
            AgentPort = reader.Number(entries, path, "agent_port", 7379, "a port, 1 to 65535"),
        };
    }

    private static EtcdSettings EtcdOf(FleetReader reader, YamlPart? part)
    {
        const string path = "etcd";
        var settings = new EtcdSettings { Version = "" };
        if (part is null)
        {
            return settings;
        }

        var entries = reader.Mapping(part, path, EtcdKeys, "version");
        foreach (var (key, value) in Fixed)
        {
            var found = reader.Text(entries, path, key, value, value);
            if (found != value)
            {
                reader.Problem(new FleetProblem($"{path}.{key}", $"found '{found}', expected '{value}': the only value that works today; leave '{reader.Names.Key($"{path}.{key}")}' out"));
            }
        }

        // Read for their mistakes only: a procedure looks at the cluster itself and never believes these two (D9).
        _ = reader.Word(entries, path, "mode", "stacked", "stacked", "external");
        _ = reader.Word(entries, path, "cluster_state_mode", "existing", "existing", "new");
        _ = reader.Text(entries, path, "initial_cluster_token", "etcd-cluster", "a token");
        return settings with
        {
            Version = reader.Text(entries, path, "version", "", "a version, as in 3.6.6"),
            DownloadUrl = reader.Text(entries, path, "download_url", settings.DownloadUrl, "a URL with ${version} and ${arch}"),
            DataDir = reader.Text(entries, path, "data_dir", settings.DataDir, "a folder, as in /var/lib/etcd"),
            Sha256 = DigestsOf(reader, entries),
            MaintenanceEnabled = reader.Flag(entries, path, "maintenance_enabled", settings.MaintenanceEnabled),
        };
    }

    private static Dictionary<string, string> DigestsOf(FleetReader reader, IReadOnlyDictionary<string, YamlPart> etcd)
    {
        const string expected = "64 hexadecimal digits, or a mapping of amd64 and arm64 to them";
        switch (etcd.GetValueOrDefault("sha256"))
        {
            case null:
                return [];
            case YamlPart.Mapping mapping:
                var entries = reader.Mapping(mapping, "etcd.sha256", FleetValidator.Architectures);
                return entries.Keys.ToDictionary(key => key, key => reader.Text(entries, "etcd.sha256", key, "", "64 hexadecimal digits").ToLowerInvariant());
            default:
                // One digest for all: right for a fleet of one architecture, and refused by the agent anywhere else.
                var digest = reader.Text(etcd, "etcd", "sha256", "", expected).ToLowerInvariant();
                return FleetValidator.Architectures.ToDictionary(architecture => architecture, _ => digest);
        }
    }

    private static KubernetesSettings KubernetesOf(FleetReader reader, YamlPart? part)
    {
        const string path = "kubernetes";
        if (part is null)
        {
            return new KubernetesSettings();
        }

        var entries = reader.Mapping(part, path, KubernetesKeys);
        var ignored = reader.List(entries, path, "kubeadm_ignore_preflight_errors", "a list of preflight checks");
        var names = ignored.Select((_, index) => $"[{index}]").Zip(ignored).ToDictionary(pair => pair.First, pair => pair.Second);
        return new KubernetesSettings
        {
            Version = reader.Text(entries, path, "version", "", "a version, as in 1.35.6"),
            KubeadmPatchesDir = reader.Text(entries, path, "kubeadm_patches_dir", "", "a folder"),
            KubeadmIgnorePreflightErrors = [.. names.Keys.Select(key => reader.Text(names, $"{path}.kubeadm_ignore_preflight_errors", key, "", "the name of a preflight check"))],
        };
    }
}
