namespace EtcdFleet.Lab;

/// <summary>What a lab is made of. The defaults are what kubeadm would have made of three machines.</summary>
internal sealed record LabOptions
{
    /// <summary>Control-plane nodes, cp1 and on. Default 3, at most 9.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>etcd that runs in the static Pods. Default 3.5.16.</summary>
    public string EtcdVersion { get; init; } = "3.5.16";

    /// <summary>Other versions that the lab's release server must offer; <see cref="EtcdVersion"/> always is.</summary>
    public IReadOnlyList<string> Releases { get; init; } = [];

    /// <summary>The user's extraArgs of ClusterConfiguration's <c>etcd.local</c>.</summary>
    public IReadOnlyDictionary<string, string> EtcdExtraArgs { get; init; } =
        new Dictionary<string, string> { ["quota-backend-bytes"] = "4294967296" };

    /// <summary>Where a node differs from the others, by its name.</summary>
    public IReadOnlyDictionary<string, NodeOptions> Differences { get; init; } = new Dictionary<string, NodeOptions>();

    /// <summary>
    /// Kubernetes' half of the control plane as well: certificates, an apiserver on each node that votes, the ConfigMap, the Nodes,
    /// and a load balancer in front. Default true.
    /// </summary>
    public bool Kubernetes { get; init; } = true;

    /// <summary>The control plane's version, and kubeadm's where a node has no other. Default v1.35.6.</summary>
    public string KubernetesVersion { get; init; } = "v1.35.6";

    /// <summary>
    /// A folder of real kubeadm, kubelet, kubectl, kube-apiserver, kube-controller-manager, kube-scheduler, pause, etcd, etcdctl and etcdutl, to be used in place
    /// of the stand-ins; the versions are then theirs. Default: none.
    /// </summary>
    public string? KubeBin { get; init; }

    /// <summary>How fast an apiserver comes up, and how long it answers on after SIGTERM. Default 2 s and 3 s; a real one took 11 to 15 s and 30.2 s (FACTS 14).</summary>
    public (TimeSpan Ready, TimeSpan GoesOn) ApiServerTimes { get; init; } = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));

    /// <summary>The user's patches for kubeadm: name and content of each file. Default none.</summary>
    public IReadOnlyDictionary<string, string> Patches { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Where there is no apiserver: hold a watch open on the member, as an apiserver does, and take it up again after a stop. Default true. It makes 3.6's
    /// stop take seconds (FACTS 1), not 3.5's: see <see cref="Machines.NodeFaults.PodStopsSlowlyAsync"/>.
    /// </summary>
    public bool ApiServerWatch { get; init; } = true;

    /// <summary>State, cache and names. Default: from the environment.</summary>
    public LabPaths Paths { get; init; } = LabPaths.FromEnvironment();

    /// <summary>Told what the lab is doing, one line a step. Default: nobody.</summary>
    public Action<string> Progress { get; init; } = static _ => { };

    /// <summary>What is particular to a node.</summary>
    public NodeOptions For(string node) => Differences.GetValueOrDefault(node, NodeOptions.Same);
}
