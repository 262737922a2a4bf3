using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>What kubeadm must be told of this node, as it is in use today: address, port, name, CRI socket, patches. Without it kubeadm would guess,
/// and take the address of the default route (FACTS 13).</summary>
internal sealed class NodeConfiguration(HostRoot root, NodeName node)
{
    /// <summary>The InitConfiguration, followed by the ClusterConfiguration, in one text.</summary>
    /// <param name="configuration">The cluster's.</param>
    /// <param name="manifest">The apiserver's, in use today.</param>
    /// <param name="patches">A folder of /etc/kubernetes; empty: none.</param>
    /// <exception cref="AgentFault">INVALID_REQUEST: no such name. UNSAFE_FILE: a folder that others than root can change.</exception>
    public string With(ClusterConfiguration configuration, ApiServerManifest manifest, string patches)
    {
        var folder = patches.Length == 0 ? "" : $"patches:\n  directory: {Patches(patches)}\n";
        return $"""
            apiVersion: {configuration.ApiVersion}
            kind: InitConfiguration
            localAPIEndpoint:
              advertiseAddress: {Quoted(manifest.Address.ToString())}
              bindPort: {manifest.Port}
            nodeRegistration:
              name: {Quoted(node.Configured.Length > 0 ? node.Configured : Environment.MachineName.ToLowerInvariant())}
              criSocket: {Quoted(KubeletEndpoint.Find(root))}
            {folder}---
            {configuration.Text}
            """;
    }

    private string Patches(string name)
    {
        if (name.Length > 64 || name.StartsWith('.') || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"patches is '{name}', expected the name of a folder of /etc/kubernetes, such as patches");
        }

        var path = root.At($"/etc/kubernetes/{name}");
        return Native.Stat(path) switch
        {
            null => throw new AgentFault(FaultReason.InvalidRequest, $"{root.Name(path)} does not exist, expected the folder with kubeadm's patches. Correct kubeadm_patches_dir, or put the patches on every control-plane node."),
            { IsFolder: true, Owner: { User: 0 } owner } when (owner.Mode & 18) == 0 => path, // 022: nobody else may write there
            _ => throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is not a folder of root's that nobody else can write to; kubeadm would build what runs as root from it. Correct its owner and mode."),
        };
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
