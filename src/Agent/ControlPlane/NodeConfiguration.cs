using System.Globalization;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>What kubeadm must be told of this node, as it is in use today: address, port, name, CRI socket, time limit, patches. Without it kubeadm would
/// guess, and take the address of the default route (FACTS 13).</summary>
internal sealed class NodeConfiguration(HostRoot root, NodeName node)
{
    private const string Oldest = "kubeadm.k8s.io/v1beta3";

    /// <summary>kubeadm makes of its time limit a failureThreshold of the startup probe, at one probe in as many seconds.</summary>
    private const int ProbePeriod = 10;

    /// <summary>The InitConfiguration, followed by the ClusterConfiguration, in one text.</summary>
    /// <param name="configuration">The cluster's.</param>
    /// <param name="manifest">The apiserver's, in use today.</param>
    /// <param name="patches">A folder of /etc/kubernetes; empty: none.</param>
    /// <exception cref="AgentFault">INVALID_REQUEST: no such name. UNSAFE_FILE: a folder or a patch that others than root can change.</exception>
    public string With(ClusterConfiguration configuration, ApiServerManifest manifest, string patches)
    {
        var folder = patches.Length == 0 ? "" : $"patches:\n  directory: {Quoted(Patches(patches))}\n";
        return $"""
            apiVersion: {configuration.ApiVersion}
            kind: InitConfiguration
            localAPIEndpoint:
              advertiseAddress: {Quoted(manifest.Address.ToString())}
              bindPort: {manifest.Port}
            nodeRegistration:
              name: {Quoted(node.On(root))}
              criSocket: {Quoted(KubeletEndpoint.Find(root))}
            {Timeouts(configuration, manifest)}{folder}---
            {configuration.Text}
            """;
    }

    /// <summary>The cluster may have been made with another limit than kubeadm's default; nothing but the manifest keeps it. v1beta3 has it in the ClusterConfiguration.</summary>
    private static string Timeouts(ClusterConfiguration configuration, ApiServerManifest manifest) => manifest.StartupFailures is { } failures && configuration.ApiVersion != Oldest
        ? string.Create(CultureInfo.InvariantCulture, $"timeouts:\n  controlPlaneComponentHealthCheck: {failures * ProbePeriod}s\n")
        : "";

    private string Patches(string name)
    {
        if (name.Length > 64 || name.StartsWith('.') || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"patches is '{name}', expected the name of a folder of /etc/kubernetes, such as patches");
        }

        var path = root.At($"/etc/kubernetes/{name}");
        switch (Native.Stat(path))
        {
            case null:
                throw new AgentFault(FaultReason.InvalidRequest, $"{root.Name(path)} does not exist, expected the folder with kubeadm's patches. Correct kubeadm_patches_dir, or put the patches on every control-plane node.");
            case { IsFolder: true }:
                return (string[])[path, .. Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories)] is var all && all.FirstOrDefault(entry => !IsRoots(entry)) is { } open ? throw Unsafe(open) : path;
            default:
                throw Unsafe(path);
        }
    }

    /// <summary>A folder or file of root's that nobody else can write to; a link may lead to one that somebody can.</summary>
    private static bool IsRoots(string path) => Native.Stat(path) is { Owner: { User: 0 } owner } status && (status.IsFolder || status.IsRegular) && (owner.Mode & 18) == 0; // 022

    private AgentFault Unsafe(string path) => new(FaultReason.UnsafeFile,
        $"{root.Name(path)} is not a folder or file of root's that nobody else can write to; kubeadm would build what runs as root from it. Correct its owner and mode, and write files instead of links.");

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
