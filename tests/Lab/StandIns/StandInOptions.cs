namespace EtcdFleet.Lab.StandIns;

/// <summary>Where the stand-ins look. In a node these are the real kubelet's and containerd's places.</summary>
internal sealed record StandInOptions
{
    /// <summary>The node's name; it becomes part of the Pod's.</summary>
    public required string Node { get; init; }

    /// <summary>The kubelet's staticPodPath.</summary>
    public required string Manifests { get; init; }

    /// <summary>Images by name and tag, <c>etcd-3.5.16-0</c>, as folders of programs.</summary>
    public required string Images { get; init; }

    /// <summary>What containers there are; shared by both stand-ins, gone after a reboot.</summary>
    public required string Containers { get; init; }

    /// <summary>Faults to imitate: see <see cref="Kubelet.FaultKnobs"/>.</summary>
    public required string Faults { get; init; }

    /// <summary>Logs of the Pods.</summary>
    public required string Logs { get; init; }

    /// <summary>Where containers get control groups of their own; null: they stay in the kubelet's.</summary>
    public string? ControlGroups { get; init; }

    /// <summary>The CRI's socket.</summary>
    public required string CriSocket { get; init; }

    /// <summary>The real places.</summary>
    public static StandInOptions OfNode() => new()
    {
        Node = Environment.MachineName,
        Manifests = "/etc/kubernetes/manifests",
        Images = "/opt/etcdfleet-lab/images",
        Containers = "/run/etcdfleet-lab/containers",
        Faults = "/run/etcdfleet-lab",
        Logs = "/var/log/pods",
        ControlGroups = "/sys/fs/cgroup/kubepods",
        CriSocket = "/run/containerd/containerd.sock",
    };
}
