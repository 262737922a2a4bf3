using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>The node's name from agent.yaml; empty where it has none.</summary>
internal sealed record NodeName(string Configured)
{
    /// <summary>The name that counts. Without one in agent.yaml it is the host's in small letters, which kubeadm and the kubelet call the Node.</summary>
    public string On(HostRoot root) => Configured.Length > 0 ? Configured : HostName(root).ToLowerInvariant();

    /// <summary>The host's own name, all of it: <see cref="Environment.MachineName"/> ends at the first dot.</summary>
    public static string HostName(HostRoot root) =>
        Path.Combine(root.Proc, "sys/kernel/hostname") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : "";
}
