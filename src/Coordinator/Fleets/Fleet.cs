namespace EtcdFleet.Coordinator.Fleets;

/// <summary>The inventory: one cluster's nodes and settings, whatever file they came from.</summary>
internal sealed record Fleet
{
    public required string Cluster { get; init; }

    /// <summary>In the inventory's order, workers included. Names are unique.</summary>
    public required IReadOnlyList<FleetNode> Nodes { get; init; }

    public required EtcdSettings Etcd { get; init; }

    public KubernetesSettings Kubernetes { get; init; } = new();

    /// <summary>The nodes that etcd concerns (IR-2), in the inventory's order.</summary>
    public IReadOnlyList<FleetNode> ControlPlane => [.. Nodes.Where(node => node.Role == NodeRole.ControlPlane)];

    /// <summary>The node where what is done once is done (D11).</summary>
    public FleetNode Leader => ControlPlane.Single(node => node.IsLeader);

    /// <summary>What kubeadm and the apiservers are told: derived from the control-plane nodes, never a list of its own (D12).</summary>
    public IReadOnlyList<string> EtcdEndpoints => [.. ControlPlane.Select(node => $"https://{(node.Address.Contains(':', StringComparison.Ordinal) ? $"[{node.Address}]" : node.Address)}:2379")];
}

/// <summary>One machine of the inventory.</summary>
internal sealed record FleetNode
{
    /// <summary>As kubeadm and etcd name it (IR-6).</summary>
    public required string Name { get; init; }

    /// <summary>Where its agent listens: an IP address or a DNS name, without a port.</summary>
    public required string Address { get; init; }

    public NodeRole Role { get; init; } = NodeRole.ControlPlane;

    public bool IsLeader { get; init; }

    /// <value>7379.</value>
    public int AgentPort { get; init; } = 7379;

    public override string ToString() => Name;
}

/// <summary>What a node is for.</summary>
internal enum NodeRole
{
    ControlPlane,

    /// <summary>Listed, and never touched (IR-2).</summary>
    Worker,
}

/// <summary>etcd's settings, by the names that SPEC.md has for them without the <c>etcd_</c>.</summary>
internal sealed record EtcdSettings
{
    /// <summary>Without a "v", as in 3.6.6.</summary>
    public required string Version { get; init; }

    /// <summary>With <c>${version}</c> and <c>${arch}</c> (D7).</summary>
    public string DownloadUrl { get; init; } = "https://github.com/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-${arch}.tar.gz";

    /// <summary>The tarball's SHA-256 by architecture; empty: the SHA256SUMS beside the tarball says.</summary>
    public IReadOnlyDictionary<string, string> Sha256 { get; init; } = new Dictionary<string, string>();

    public string DataDir { get; init; } = "/var/lib/etcd";

    public string SnapshotDir { get; init; } = "/var/backups/etcd";

    public bool MaintenanceEnabled { get; init; } = true;
}

/// <summary>What of Kubernetes the procedures have to know.</summary>
internal sealed record KubernetesSettings
{
    /// <summary>Without a "v"; empty: as the cluster says.</summary>
    public string Version { get; init; } = "";

    /// <summary>kubeadm's patches, a folder of /etc/kubernetes; empty: none.</summary>
    public string KubeadmPatchesDir { get; init; } = "";

    /// <summary>The folder's name, which is all that an agent takes.</summary>
    public string Patches => KubeadmPatchesDir.Length == 0 ? "" : Path.GetFileName(KubeadmPatchesDir.TrimEnd('/'));

    public IReadOnlyList<string> KubeadmIgnorePreflightErrors { get; init; } = [];
}
