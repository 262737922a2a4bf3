using EtcdFleet.Agent.V1;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What has to be so before a rollback changes anything. Pure: facts in, all findings out.</summary>
internal static class RollbackChecks
{
    public static IReadOnlyList<Finding> Evaluate(IReadOnlyList<NodeReport> nodes, IReadOnlyList<KubernetesReport> kubernetes, CheckOptions options) =>
    [
        .. AgentChecks.Evaluate(nodes),
        .. MemberChecks.Evaluate(nodes, options),
        .. nodes.Where(node => node.Facts is not null).Select(Manifest),
        .. kubernetes.Where(report => report.ApiServer is { Problem.Length: 0, StashedSha256.Length: > 0 }).Select(report =>
            options.EtcdOnly
                ? new Finding("apiserver", report.Node.Name, Severity.Refusal, "a migration has changed its apiserver's manifest, and --etcd-only would leave it so", "leave --etcd-only out")
                : new Finding("apiserver", report.Node.Name, Severity.Pass, $"its apiserver's manifest is kept, SHA-256 {report.ApiServer!.StashedSha256[..12]}…")),
    ];

    private static Finding Manifest(NodeReport node) => node.Facts!.EtcdPod.Place switch
    {
        StaticPod.Types.Place.Stashed => new("manifest", node.Node.Name, Severity.Pass, "its static Pod's manifest is stashed, and can be put back"),
        StaticPod.Types.Place.InUse => new("manifest", node.Node.Name, Severity.Pass, "its etcd is in its static Pod: nothing to take back"),
        var place => new("manifest", node.Node.Name, Severity.Refusal, $"the manifest of etcd is {place}; expected it in use or stashed, once", "look at /etc/kubernetes/manifests and /etc/kubernetes/etcdfleet-stash"),
    };
}
