using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using Mode = EtcdFleet.Agent.V1.GetClusterConfigurationResponse.Types.EtcdMode;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>kubeadm's ClusterConfiguration as the cluster has it. Its text is edited, never written anew: what kubeadm or the user put there stays, byte
/// for byte (IR-1, FACTS 12).</summary>
internal sealed record ClusterConfiguration
{
    private const string Group = "kubeadm.k8s.io/";

    private ClusterConfiguration(string text, YamlTree.Mapping root) => (Text, Root) = (text, root);

    public string Text { get; }

    public YamlTree.Mapping Root { get; }

    /// <summary>As in kubeadm.k8s.io/v1beta4.</summary>
    public string ApiVersion => Root.Text("apiVersion");

    public string KubernetesVersion => Root.Text("kubernetesVersion");

    /// <summary>kubeadm's default where it is not written.</summary>
    public string CertificatesDir => Root.Text("certificatesDir") is { Length: > 0 } folder ? folder : "/etc/kubernetes/pki";

    /// <summary>Local also where there is no etcd at all: that is what kubeadm makes of it (FACTS 12).</summary>
    public Mode Mode => External is null ? Mode.Local : Mode.External;

    public IReadOnlyList<string> Endpoints => External?.Texts("endpoints") ?? [];

    /// <summary>From 1.35: what kubeadm's version check asks; a copy of the endpoints unless somebody says otherwise (FACTS 16).</summary>
    public IReadOnlyList<string> HttpEndpoints => External?.Texts("httpEndpoints") ?? [];

    private YamlTree.Mapping? External => Root.Map("etcd")?.Map("external");

    /// <summary>Reads one document.</summary>
    /// <exception cref="AgentFault">CONFIG_UNREADABLE, with the line.</exception>
    public static ClusterConfiguration Parse(string text)
    {
        try
        {
            if (YamlTree.Load(text) is not YamlTree.Mapping root || root.Text("kind") != "ClusterConfiguration" || !root.Text("apiVersion").StartsWith(Group, StringComparison.Ordinal))
            {
                throw new FormatException("it is not a ClusterConfiguration of kubeadm.k8s.io");
            }

            var read = new ClusterConfiguration(text, root);
            _ = (read.KubernetesVersion, read.CertificatesDir, read.Endpoints, read.HttpEndpoints);
            if (root.Map("etcd") is { } etcd && etcd.Map("local") is not null && etcd.Map("external") is not null)
            {
                throw new FormatException($"line {etcd.Line}: etcd is local and external at once");
            }

            return read;
        }
        catch (FormatException problem)
        {
            throw new AgentFault(FaultReason.ConfigUnreadable, $"the ClusterConfiguration of kube-system/kubeadm-config cannot be used: {problem.Message}. Expected what kubeadm wrote; look at it.", problem);
        }
    }

    /// <summary>The same with external etcd; the certificates are kubeadm's own (D2).</summary>
    /// <param name="endpoints">Client URLs.</param>
    /// <param name="httpEndpoints">Write them a second time as httpEndpoints, for a kubeadm that has them (FACTS 16).</param>
    public ClusterConfiguration WithExternalEtcd(IReadOnlyList<string> endpoints, bool httpEndpoints)
    {
        var list = string.Concat(endpoints.Select(endpoint => $"    - {endpoint}\n"));
        return WithEtcd($"etcd:\n  external:\n    caFile: {CertificatesDir}/etcd/ca.crt\n    certFile: {CertificatesDir}/apiserver-etcd-client.crt\n"
            + $"    endpoints:\n{list}{(httpEndpoints ? $"    httpEndpoints:\n{list}" : "")}    keyFile: {CertificatesDir}/apiserver-etcd-client.key\n");
    }

    /// <summary>The same with another one's etcd.</summary>
    public ClusterConfiguration WithEtcdOf(ClusterConfiguration other) => WithEtcd(TopLevelBlock.Find(other.Text, "etcd") is { } block ? other.Text[block] : "");

    /// <summary>Whether this is already what <see cref="WithExternalEtcd"/> would make of it.</summary>
    public bool IsExternal(IReadOnlyList<string> endpoints) => External is { } external
        && Endpoints.SequenceEqual(endpoints) && (HttpEndpoints.Count == 0 || HttpEndpoints.SequenceEqual(endpoints))
        && external.Text("caFile") == $"{CertificatesDir}/etcd/ca.crt"
        && external.Text("certFile") == $"{CertificatesDir}/apiserver-etcd-client.crt"
        && external.Text("keyFile") == $"{CertificatesDir}/apiserver-etcd-client.key";

    /// <summary>What of the configuration, beside etcd, is not the same in the other one; empty when nothing is.</summary>
    public IReadOnlyList<string> DifferencesBesideEtcd(ClusterConfiguration other) => YamlDifference.Between(Root, other.Root, except: "etcd");

    private ClusterConfiguration WithEtcd(string block)
    {
        var place = TopLevelBlock.Find(Text, "etcd");
        var text = place is { } found ? Text[..found.Start] + block + Text[found.End..] : $"{Text.TrimEnd('\n')}\n{block}";
        var edited = Parse(text);
        return DifferencesBesideEtcd(edited) is { Count: > 0 } lost
            ? throw new AgentFault(FaultReason.ConfigUnreadable, $"exchanging etcd in the ClusterConfiguration would change {string.Join("; ", lost)}; expected a text as kubeadm writes it, one field a line. Nothing was changed.")
            : edited;
    }
}
