using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What has to be so before kubeadm's configuration and the apiservers are changed (A4 to A6). Pure: facts in, all findings out.</summary>
internal static class KubernetesChecks
{
    public static IEnumerable<Finding> Evaluate(Fleet fleet, IReadOnlyList<NodeReport> nodes, IReadOnlyList<KubernetesReport> reports) =>
    [
        .. Endpoints(fleet, nodes),
        .. from report in reports
           join node in nodes on report.Node equals node.Node
           where node.Facts is not null
           from finding in Node(fleet, report)
           select node.HalfWay && finding.Severity == Severity.Refusal ? Later(finding) : finding,
    ];

    /// <summary>A node whose etcd an earlier run left down has an apiserver that waits for it: it is brought up first, and asked again at A6.</summary>
    private static Finding Later(Finding finding) => finding with { Severity = Severity.Warning, Fix = "its etcd is half-way, and is brought up first; this is asked again before its apiserver is touched" };

    /// <summary>The endpoints come from the inventory (D12); each must be one that a member says it has.</summary>
    private static IEnumerable<Finding> Endpoints(Fleet fleet, IReadOnlyList<NodeReport> nodes)
    {
        var known = nodes.SelectMany(node => node.Member?.Members ?? []).SelectMany(member => member.ClientUrls).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0)
        {
            yield break; // the members' own checks say why
        }

        foreach (var (node, endpoint) in fleet.ControlPlane.Zip(fleet.EtcdEndpoints))
        {
            yield return known.Contains(endpoint)
                ? new("endpoint", node.Name, Severity.Pass, $"{endpoint} is a member's")
                : new("endpoint", node.Name, Severity.Refusal, $"the inventory makes {endpoint}, which no member has; expected one of {string.Join(", ", known.Order(StringComparer.Ordinal))}", "correct the node's address in the inventory: the apiservers would be sent there (D12)");
        }
    }

    private static IEnumerable<Finding> Node(Fleet fleet, KubernetesReport report)
    {
        foreach (var problem in report.Problems)
        {
            yield return Refuse("kubeadm", report, $"{problem}; expected kubeadm and the Kubernetes API to answer", "put it right on that node, and start again");
        }

        if (report.ApiServer is { } apiServer)
        {
            yield return ApiServerWord.WhyNot(apiServer) is { Length: > 0 } why
                ? apiServer.StashedSha256.Length > 0 ? Coming(report, why) : Refuse("apiserver", report, $"{why}; expected an apiserver that is ready", "bring it up first: while another one restarts, this one has to serve")
                : new("apiserver", report.Node.Name, Severity.Pass, $"its apiserver is ready at {apiServer.Address}");
        }

        if (report.Rendering is { } rendering)
        {
            yield return rendering.OtherDifferences.Count > 0
                ? Refuse("apiserver-manifest", report, $"kubeadm would change more than etcd's flags in its apiserver's manifest: {string.Join("; ", rendering.OtherDifferences)}; expected etcd's flags alone (IR-1)", "put what is there by hand into the ClusterConfiguration (extraArgs, extraVolumes), or name kubeadm's patches (kubeadm_patches_dir)")
                : new("apiserver-manifest", report.Node.Name, Severity.Pass, rendering.Same ? "its apiserver's manifest has all endpoints already" : $"in its apiserver's manifest only etcd changes: {string.Join("; ", rendering.EtcdDifferences)}");
        }

        if (report.Configuration is { } configuration)
        {
            foreach (var finding in Configuration(fleet, report, configuration))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> Configuration(Fleet fleet, KubernetesReport report, Agent.V1.GetClusterConfigurationResponse configuration)
    {
        if (!configuration.HasAdminConf)
        {
            yield return Refuse("admin-conf", report, "the leader has no /etc/kubernetes/admin.conf; expected it, because 'kubeadm init phase upload-config' runs there and nowhere else (D11)", "make another node the leader in the inventory, or put admin.conf there ('kubeadm init phase kubeconfig admin')");
        }

        foreach (var problem in configuration.Problems)
        {
            yield return Refuse("kubeadm-config", report, problem, "put it right, and start again");
        }

        if (configuration.Problems.Count == 0)
        {
            yield return new("kubeadm-config", report.Node.Name, Severity.Pass, configuration.LiveSha256 == configuration.MergedSha256
                ? $"kubeadm-config refers to {string.Join(", ", fleet.EtcdEndpoints)} already"
                : $"kubeadm-config of {configuration.KubernetesVersion} can be merged; kubeadm {configuration.KubeadmVersion} accepts it");
        }
    }

    /// <summary>An earlier run wrote its manifest and ended: it may well be on its way, and is waited for before anything stops (A7).</summary>
    private static Finding Coming(KubernetesReport report, string why) =>
        new("apiserver", report.Node.Name, Severity.Warning, $"{why}; its manifest was written by an earlier run", "it is waited for before another apiserver is touched");

    private static Finding Refuse(string check, KubernetesReport report, string found, string fix) => new(check, report.Node.Name, Severity.Refusal, found, fix);
}
