using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Judges a fleet, whatever file it came from: all that is wrong, at once.</summary>
/// <remarks>An empty text stands for a value that its reader has complained about already.</remarks>
internal static partial class FleetValidator
{
    /// <summary>The path of problems that concern the nodes as a whole.</summary>
    public const string NodesPath = "nodes";

    /// <summary>The architectures that the agent is built for, by etcd's names for them.</summary>
    public static IReadOnlyCollection<string> Architectures { get; } = ["amd64", "arm64"];

    /// <param name="fleet">As read.</param>
    /// <param name="names">What its inventory calls things.</param>
    public static IEnumerable<FleetProblem> Problems(Fleet fleet, FleetNames names) =>
        [.. Names(fleet), .. fleet.Nodes.SelectMany((node, index) => NodeProblems(node, index, names)), .. Twins(fleet), .. Leaders(fleet, names), .. Etcd(fleet.Etcd, names), .. Kubernetes(fleet.Kubernetes)];

    private static IEnumerable<FleetProblem> Names(Fleet fleet)
    {
        if (fleet.Cluster.Length > 0 && !FleetIdentity.IsName(fleet.Cluster))
        {
            yield return new("cluster", $"found '{fleet.Cluster}', expected letters, digits, '-', '_' and '.', beginning with a letter or digit");
        }
    }

    private static IEnumerable<FleetProblem> NodeProblems(FleetNode node, int index, FleetNames names)
    {
        if (node.Name.Length > 0 && !FleetIdentity.IsName(node.Name))
        {
            yield return new($"nodes[{index}].name", $"found '{node.Name}', expected letters, digits, '-', '_' and '.', beginning with a letter or digit");
        }

        if (node.Name == Engine.StepId.WholeFleet)
        {
            yield return new($"nodes[{index}].name", $"found '{node.Name}', expected another name: plans use it for what concerns all nodes");
        }

        if (node.Address.Length > 0 && AddressProblem(node.Address, names) is { } expected)
        {
            yield return new($"nodes[{index}].address", $"found '{node.Address}', expected {expected}");
        }

        if (node.AgentPort is < 1 or > 65535)
        {
            yield return new($"nodes[{index}].agent_port", $"found {node.AgentPort}, expected a port, 1 to 65535");
        }

        if (node is { IsLeader: true, Role: NodeRole.Worker })
        {
            yield return new($"nodes[{index}].leader", $"found the worker '{node.Name}' as leader, expected a control-plane node");
        }
    }

    private static string? AddressProblem(string address, FleetNames names)
    {
        if (IPAddress.TryParse(address, out var ip))
        {
            // The parser also takes 10.1 and 0x0a000001, which nobody writes on purpose.
            var whole = ip.AddressFamily == AddressFamily.InterNetworkV6 ? !address.StartsWith('[') : ip.ToString() == address;
            return ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) ? "the address of one machine" : whole ? null : "an IP address in full";
        }

        return PortAtTheEnd().IsMatch(address) ? $"it without a port; the agent's port has {names.AgentPort}"
            : Digits().IsMatch(address) ? "an IP address with four parts of 0 to 255"
            : Uri.CheckHostName(address) == UriHostNameType.Dns ? null
            : "an IP address or a DNS name";
    }

    private static IEnumerable<FleetProblem> Twins(Fleet fleet)
    {
        var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var addresses = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < fleet.Nodes.Count; index++)
        {
            var node = fleet.Nodes[index];
            if (node.Name.Length > 0 && !names.TryAdd(node.Name, index))
            {
                yield return new($"nodes[{index}].name", $"found '{node.Name}' a second time, expected every node once (first as node {names[node.Name] + 1})");
            }

            var address = IPAddress.TryParse(node.Address, out var ip) ? ip.ToString() : node.Address;
            if (address.Length > 0 && !addresses.TryAdd(address, index))
            {
                yield return new($"nodes[{index}].address", $"found '{node.Address}' a second time, expected an address for each node (first for '{fleet.Nodes[addresses[address]].Name}')");
            }
        }
    }

    private static IEnumerable<FleetProblem> Leaders(Fleet fleet, FleetNames names)
    {
        if (fleet.ControlPlane.Count == 0)
        {
            yield return new(NodesPath, $"found no control-plane node, expected {names.ControlPlaneNode}");
            yield break;
        }

        var leaders = fleet.ControlPlane.Where(node => node.IsLeader).ToList();
        if (leaders.Count == 0)
        {
            yield return new(NodesPath, $"found {fleet.ControlPlane.Count} control-plane nodes and no leader, expected {names.OneLeader}");
        }
        else if (leaders.Count > 1)
        {
            yield return new(NodesPath, $"found {leaders.Count} leaders ({string.Join(", ", leaders)}), expected one");
        }
    }

    private static IEnumerable<FleetProblem> Etcd(EtcdSettings etcd, FleetNames names)
    {
        if (etcd.Version.Length > 0 && VersionProblem(etcd.Version, "3.6.6") is { } version)
        {
            yield return new("etcd.version", version);
        }

        if (!Uri.TryCreate(etcd.DownloadUrl.Replace("${", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
        {
            yield return new("etcd.download_url", $"found '{etcd.DownloadUrl}', expected an http or https URL without user and password");
        }
        else if (!etcd.DownloadUrl.Contains("${version}", StringComparison.Ordinal))
        {
            yield return new("etcd.download_url", $"found '{etcd.DownloadUrl}', expected {names.VersionInUrl} in it: the version has one place (D13)");
        }
        else if (url.Scheme == "http" && etcd.Sha256.Count == 0)
        {
            yield return new("etcd.download_url", $"found http without {names.Setting("etcd.sha256")}, expected https or the tarball's SHA-256: a SHA256SUMS that came over http proves nothing");
        }

        foreach (var (architecture, digest) in etcd.Sha256.Where(pair => pair.Value.Length > 0 && !Digest().IsMatch(pair.Value)).DistinctBy(pair => pair.Value))
        {
            var path = etcd.Sha256.Values.Distinct().Count() == 1 && etcd.Sha256.Count > 1 ? "etcd.sha256" : $"etcd.sha256.{architecture}";
            yield return new(path, $"found {digest.Length} characters, expected a SHA-256: 64 hexadecimal digits");
        }

        if (!IsFolder(etcd.DataDir) || etcd.DataDir == "/" || etcd.DataDir.StartsWith("/etc/", StringComparison.Ordinal))
        {
            yield return new("etcd.data_dir", $"found '{etcd.DataDir}', expected an absolute path outside /etc, without '..'");
        }
    }

    private static IEnumerable<FleetProblem> Kubernetes(KubernetesSettings kubernetes)
    {
        if (kubernetes.Version.Length > 0 && VersionProblem(kubernetes.Version, "1.35.6") is { } version)
        {
            yield return new("kubernetes.version", version);
        }

        if (kubernetes.KubeadmPatchesDir.Length > 0 && !PatchesFolder().IsMatch(kubernetes.KubeadmPatchesDir))
        {
            yield return new("kubernetes.kubeadm_patches_dir", $"found '{kubernetes.KubeadmPatchesDir}', expected a folder of /etc/kubernetes, as in /etc/kubernetes/patches: agents take a name there and no path");
        }
    }

    private static string? VersionProblem(string version, string example) =>
        Version().IsMatch(version) ? null : $"found '{version}', expected a version in full{(version.StartsWith('v') ? " and without the 'v'" : "")}, as in {example}";

    private static bool IsFolder(string path) => path.StartsWith('/') && Path.GetFullPath(path) == path.TrimEnd('/') + (path == "/" ? "/" : "");

    [GeneratedRegex("^/etc/kubernetes/[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}/?$", RegexOptions.CultureInvariant)]
    private static partial Regex PatchesFolder();

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();

    [GeneratedRegex(@"^[0-9A-Fa-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();

    [GeneratedRegex(@"^[^:]+:[0-9]+\z|^\[.*\]:[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex PortAtTheEnd();

    [GeneratedRegex(@"^[0-9.]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
