using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Releases;

namespace EtcdFleet.Lab;

/// <summary>Where a lab's kubelet, containerd, etcd and Kubernetes come from: the lab's stand-ins, or a folder of real ones. Both leave the same behind.</summary>
internal interface IDistribution
{
    /// <summary>What it is, for the person who looks on: <c>stand-ins for v1.35.6</c>.</summary>
    string Description { get; }

    /// <summary>What every machine starts from.</summary>
    RootFilesystem Root { get; }

    /// <summary>etcd's releases: one is in the static Pods, and all are served.</summary>
    EtcdReleases Releases { get; }

    /// <summary>Whether the nodes run containers of their own, which takes every capability and cgroup v1's controllers.</summary>
    bool RunsContainers { get; }

    /// <summary>Fills the cache with what the nodes need. Does nothing when it is there.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Folders of this machine that a control-plane node sees.</summary>
    IReadOnlyList<NodeBind> BindsOf(string node);

    /// <summary>Files that a control-plane node has before it boots.</summary>
    IReadOnlyDictionary<string, string> FilesOf(LabNode node);

    /// <summary>Links that a control-plane node has before it boots.</summary>
    IReadOnlyDictionary<string, string> Links { get; }

    /// <summary>What may begin while the nodes boot.</summary>
    void Begin(IReadOnlyList<LabNode> nodes);

    /// <summary>Forms the control plane on nodes that have booted, waits until it is healthy, and leaves the lab's own clients their certificates.</summary>
    Task StartAsync(RunningLab lab, CancellationToken cancellationToken);
}
