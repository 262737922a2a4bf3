namespace EtcdFleet.Agent.Host;

/// <summary>The node's container runtime, through the CRI.</summary>
internal interface IContainerRuntime
{
    /// <summary>The endpoint that the kubelet has: kubeadm-flags.env, config.yaml, instance-config.yaml, else containerd's default.</summary>
    string Socket { get; }

    /// <summary>Name and version of the runtime.</summary>
    /// <exception cref="IOException">It does not answer; unknown is never taken for "no containers".</exception>
    Task<string> VersionAsync(CancellationToken cancellationToken);

    /// <summary>Containers of the kube-system Pod's etcd container that are created or running.</summary>
    /// <exception cref="IOException">The runtime does not answer.</exception>
    Task<IReadOnlyList<string>> RunningEtcdContainersAsync(CancellationToken cancellationToken);
}
