using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>PEP-0001, flow A: an existing cluster's etcd from static Pods to systemd. A1 to A3 so far.</summary>
internal static class Migrate
{
    public const string Procedure = "migrate";

    /// <summary>What of flow A is still to come; said wherever the plan is shown.</summary>
    public const string StillToCome =
        "This version ends after A3: etcd runs under systemd, and the apiservers go on using it at its old addresses. Not yet done by it: A4 to A8 "
        + "(kubeadm-config, apiserver manifests, postcheck). Until then do not run 'kubeadm upgrade' or 'kubeadm join --control-plane': they would put a static Pod's manifest back (FACTS 18).";

    /// <summary>The plan for a fleet.</summary>
    /// <param name="fleet">The inventory.</param>
    /// <param name="only">Cut over these nodes alone, in the inventory's order; empty: all. A later run does the rest.</param>
    public static Plan Build(Fleet fleet, IReadOnlyList<FleetNode> only)
    {
        var all = fleet.ControlPlane;
        return PlanBuilder.For(Procedure, fleet)
            .Once("A1", "precheck", [new CheckFleet(), new RecordCluster()])
            .OnEach("A1", "fetch and check the release", all, node => new(node, [new FetchRelease(node, fleet.Etcd)]))
            .Once("A1", "snapshot", [new TakeSnapshot()])
            .OnEach("A2", "install, enable only", all, node => Install(node, fleet))
            .OneByOne("A3", "cut over", only.Count == 0 ? all : [.. all.Where(only.Contains)], node => CutOver(node, all))
            .Once("A3", "proof", [new SameCluster()])
            .Build();
    }

    private static Lane Install(FleetNode node, Fleet fleet) => new(node, [new InstallRelease(node, fleet.Etcd.Version), new WriteEtcdEnv(node), new InstallUnit(node)])
    {
        Look = new InstallLook(node),
    };

    private static Lane CutOver(FleetNode node, IReadOnlyList<FleetNode> all) => new(
        node,
        [
            new OthersHealthy(node), new MoveLeaderAway(node, BestLeaders(node, all)), new StashManifest(node), new AwaitPodGone(node), new ChownEtcdFiles(node), // IR-5: ownership changes only here
            new StartEtcd(node), new EtcdHealthy(node, EtcdRunner.Systemd), new MembersAgree(),
        ])
    {
        Look = new CutOverLook(node),
        AfterUndo = [new EtcdHealthy(node, EtcdRunner.Kubelet), new MembersAgree()], // R1
    };

    /// <summary>Nodes moved before this one, the newest first, then the last to be moved: so leadership moves twice at the most.</summary>
    private static List<FleetNode> BestLeaders(FleetNode node, IReadOnlyList<FleetNode> all)
    {
        var index = all.ToList().IndexOf(node);
        return [.. all.Take(index).Reverse(), .. all.Skip(index + 1).Reverse()];
    }
}
