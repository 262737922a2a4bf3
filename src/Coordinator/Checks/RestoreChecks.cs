using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Checks;

/// <summary>What has to be so before a restore changes anything. Pure: facts in, all findings out.</summary>
internal static class RestoreChecks
{
    /// <param name="fleet">The inventory.</param>
    /// <param name="nodes">What each node says of itself.</param>
    /// <param name="restores">What each says of restores.</param>
    /// <param name="snapshot">To be restored.</param>
    /// <param name="acceptOtherCluster">The operator's word.</param>
    /// <param name="isUnfinished">Whether the run of this id died before its last word, as far as this machine knows.</param>
    /// <param name="now">Of the certificates' ends.</param>
    public static IReadOnlyList<Finding> Evaluate(
        Fleet fleet, IReadOnlyList<NodeReport> nodes, IReadOnlyList<RestoreReport> restores, Snapshot snapshot, string acceptOtherCluster, Func<string, bool> isUnfinished, DateTimeOffset now) =>
    [
        .. AgentChecks.Evaluate(nodes),
        .. HostChecks.Evaluate(fleet, nodes, new() { Now = now }),
        .. nodes.Where(node => node.Facts is not null).SelectMany(node => Node(node, node.Facts!, snapshot)),
        .. restores.Where(restore => restore.Told is not null).SelectMany(restore => Restore(restore, snapshot)),
        restores.Any(restore => restore.Told is { InPlace: true } told && told.Sha256 == snapshot.Sha256 && (!told.Ended || isUnfinished(told.Run)))
            ? new("snapshot", Engine.StepId.WholeFleet, Severity.Pass, "its data are in place already, and with them the new cluster's id: this run goes on with that restore")
            : Cluster(fleet, nodes, snapshot, acceptOtherCluster),
    ];

    private static IEnumerable<Finding> Node(NodeReport report, GetNodeResponse facts, Snapshot snapshot)
    {
        var node = report.Node.Name;
        yield return facts.EtcdPod.Place == StaticPod.Types.Place.Stashed && report.EtcdUnit is { Installed: true }
            ? new("runner", node, Severity.Pass, "etcd is systemd's here")
            : new("runner", node, Severity.Refusal, $"the manifest of etcd is {facts.EtcdPod.Place} and etcd.service is {(report.EtcdUnit is { Installed: true } ? "" : "not ")}installed; expected etcd under systemd", "a stacked node is restored by hand: docs/restore.md says how");
        if (facts.EtcdPod.Name != report.Node.Name)
        {
            yield return new("member-name", node, Severity.Refusal, $"its manifest says --name={facts.EtcdPod.Name}, expected {node} (IR-6)", "give the node its member's name in the inventory");
        }

        yield return Tool(node, facts.Release, snapshot);
    }

    private static Finding Tool(string node, InstalledRelease release, Snapshot snapshot)
    {
        if (!Version.TryParse(release.Etcdutl, out var tool) || !Version.TryParse(release.Etcd, out var etcd))
        {
            return new("etcdutl", node, Severity.Refusal, $"etcdutl is '{release.Etcdutl}' and etcd '{release.Etcd}', expected both of one release", "install the release that the fleet runs");
        }

        if ((tool.Major, tool.Minor) != (etcd.Major, etcd.Minor))
        {
            return new("etcdutl", node, Severity.Refusal, $"etcdutl is {tool} and etcd {etcd}, expected the same minor version: the one makes what the other starts from", "install both of one release");
        }

        return Version.TryParse(snapshot.EtcdVersion, out var taken) && (taken.Major, taken.Minor).CompareTo((etcd.Major, etcd.Minor)) > 0
            ? new("etcdutl", node, Severity.Refusal, $"the snapshot is etcd {taken}'s and etcd is {etcd} here, expected a snapshot of the same minor version or an older one: etcd does not go back", "install the snapshot's version on every node, or take an older snapshot")
            : new("etcdutl", node, Severity.Pass, $"etcdutl {tool}");
    }

    private static IEnumerable<Finding> Restore(RestoreReport report, Snapshot snapshot)
    {
        var (node, told) = (report.Node.Name, report.Told!);
        if (told.Problem.Length > 0 || told.Member is null or { PeerUrls.Count: 0 })
        {
            yield return new("member", node, Severity.Refusal, $"its peer URL cannot be told: {(told.Problem.Length > 0 ? told.Problem : "the manifest has no --initial-advertise-peer-urls")}; expected it in etcd's manifest", "put the manifest back into the stash");
        }

        var begun = !told.Ended && (told.Begun || told.InPlace || told.Stashed.Count > 0);
        if (begun)
        {
            yield return told.Sha256 == snapshot.Sha256
                ? new("half-way", node, Severity.Warning, $"run {told.Run} ended in the middle of restoring this snapshot", "this run finishes it")
                : new("half-way", node, Severity.Refusal, $"run {told.Run} ended in the middle of restoring another snapshot, with SHA-256 {told.Sha256}; expected none", "finish that one first: 'etcdfleet restore' with its snapshot");
        }
    }

    /// <summary>A snapshot of another cluster holds another cluster's certificates, nodes and Secrets.</summary>
    private static Finding Cluster(Fleet fleet, IReadOnlyList<NodeReport> nodes, Snapshot snapshot, string acceptOtherCluster)
    {
        var live = nodes.Select(node => node.Member?.ClusterId ?? 0).FirstOrDefault(id => id != 0);
        return (live, snapshot.ClusterId) switch
        {
            (_, 0) => new("snapshot", Engine.StepId.WholeFleet, Severity.Warning, "nobody wrote down which cluster the snapshot is of", "see that it is this one's: its name, its place, its time"),
            (0, _) => new("snapshot", Engine.StepId.WholeFleet, Severity.Warning, $"the snapshot is of cluster {snapshot.ClusterId:x}; no member answers to be compared with", "see that it is this one's"),
            _ when live == snapshot.ClusterId => new("snapshot", Engine.StepId.WholeFleet, Severity.Pass, $"the snapshot is of this cluster, {live:x}"),
            _ when acceptOtherCluster == fleet.Cluster => new("snapshot", Engine.StepId.WholeFleet, Severity.Warning, $"the snapshot is of cluster {snapshot.ClusterId:x} and this is {live:x}, as --accept-other-cluster says"),
            _ => new(
                "snapshot", Engine.StepId.WholeFleet, Severity.Refusal, $"the snapshot is of cluster {snapshot.ClusterId:x} and this is {live:x}; expected this one's (a restore gives the cluster a new id: a snapshot from before an earlier restore looks like this too)",
                $"take another snapshot, or say --accept-other-cluster {fleet.Cluster} if that is meant"),
        };
    }
}
