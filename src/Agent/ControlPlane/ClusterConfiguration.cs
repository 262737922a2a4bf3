using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using Mode = EtcdFleet.Agent.V1.GetClusterConfigurationResponse.Types.EtcdMode;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>kubeadm's ClusterConfiguration as the cluster has it. Its text is edited, never written anew: what kubeadm or the user put there stays, byte
/// for byte (IR-1, FACTS 12).</summary>
internal sealed record ClusterConfiguration
{
    private const string Group = "kubeadm.k8s.io/";
    private const string Etcd = "etcd";

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

    /// <summary>What kubeadm copies to a joining control-plane node in external mode (FACTS 19); empty in local mode.</summary>
    public string EtcdCaFile => External?.Text("caFile") ?? "";

    public string EtcdCertificateFile => External?.Text("certFile") ?? "";

    public string EtcdKeyFile => External?.Text("keyFile") ?? "";

    private YamlTree.Mapping? External => Root.Map(Etcd)?.Map("external");

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
            if (root.Map(Etcd) is { } etcd && etcd.Map("local") is not null && etcd.Map("external") is not null)
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
    /// <exception cref="AgentFault">CONFIG_UNREADABLE: anything else would change.</exception>
    public ClusterConfiguration WithExternalEtcd(IReadOnlyList<string> endpoints, bool httpEndpoints)
    {
        var list = string.Concat(endpoints.Select(endpoint => $"    - {endpoint}\n"));
        var edited = WithEtcd($"etcd:\n  external:\n    caFile: {CertificatesDir}/etcd/ca.crt\n    certFile: {CertificatesDir}/apiserver-etcd-client.crt\n"
            + $"    endpoints:\n{list}{(httpEndpoints ? $"    httpEndpoints:\n{list}" : "")}    keyFile: {CertificatesDir}/apiserver-etcd-client.key\n");
        return edited.IsExternal(endpoints) && edited.External is { } external && external.Items.Count == (httpEndpoints ? 5 : 4) ? edited : throw Refused(["etcd itself"]);
    }

    /// <summary>The same with another one's etcd.</summary>
    /// <exception cref="AgentFault">CONFIG_UNREADABLE: anything else would change.</exception>
    public ClusterConfiguration WithEtcdOf(ClusterConfiguration other)
    {
        var edited = WithEtcd(TopLevelBlock.Find(other.Text, Etcd) is { } block ? other.Text[block] : "");
        return YamlDifference.Between(other.Root.Items.GetValueOrDefault(Etcd), edited.Root.Items.GetValueOrDefault(Etcd)) is { Count: > 0 } wrong ? throw Refused(wrong) : edited;
    }

    /// <summary>Whether this is already what <see cref="WithExternalEtcd"/> would make of it.</summary>
    public bool IsExternal(IReadOnlyList<string> endpoints) => External is { } external
        && Endpoints.SequenceEqual(endpoints) && (HttpEndpoints.Count == 0 || HttpEndpoints.SequenceEqual(endpoints))
        && external.Text("caFile") == $"{CertificatesDir}/etcd/ca.crt"
        && external.Text("certFile") == $"{CertificatesDir}/apiserver-etcd-client.crt"
        && external.Text("keyFile") == $"{CertificatesDir}/apiserver-etcd-client.key";

    /// <summary>What of the configuration, beside etcd, is not the same in the other one; empty when nothing is.</summary>
    public IReadOnlyList<string> DifferencesBesideEtcd(ClusterConfiguration other) => YamlDifference.Between(Root, other.Root, except: Etcd);

    private ClusterConfiguration WithEtcd(string block)
    {
        var edited = Parse(TopLevelBlock.Exchange(Text, Etcd, block));
        return DifferencesBesideEtcd(edited) is { Count: > 0 } lost ? throw Refused(lost) : edited;
    }

    private static AgentFault Refused(IEnumerable<string> lost) => new(FaultReason.ConfigUnreadable,
        $"exchanging etcd in the ClusterConfiguration would change {string.Join("; ", lost)}; expected a text as kubeadm writes it, one field a line. Nothing was changed.");
}
