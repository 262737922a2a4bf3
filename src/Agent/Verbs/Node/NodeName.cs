using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Node;

/// <summary>The node's name from agent.yaml; empty where it has none.</summary>
internal sealed record NodeName(string Configured)
{
    /// <summary>The name that counts. Without one in agent.yaml it is the host's in small letters, which kubeadm and the kubelet call the Node.</summary>
    public string On(HostRoot root) => Configured.Length > 0 ? Configured : HostName(root).ToLowerInvariant();

    /// <summary>Whether a name is this node's. Of the host's own name its first part will do: what else does not fit, the coordinator's checks say in words.</summary>
    public bool Is(HostRoot root, string name) => name.Length > 0
        && (name.Equals(On(root), StringComparison.OrdinalIgnoreCase) || (Configured.Length == 0 && name.Equals(HostName(root).Split('.')[0], StringComparison.OrdinalIgnoreCase)));

    /// <summary>The host's own name, all of it: <see cref="Environment.MachineName"/> ends at the first dot.</summary>
    public static string HostName(HostRoot root) =>
        Path.Combine(root.Proc, "sys/kernel/hostname") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : "";
}
