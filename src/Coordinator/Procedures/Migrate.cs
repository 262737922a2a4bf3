using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>PEP-0001, flow A: an existing cluster's etcd from static Pods to systemd, and kubeadm and the apiservers after it.</summary>
internal static class Migrate
{
    public const string Procedure = "migrate";

    /// <summary>Said wherever a plan ends before A4.</summary>
    public const string EndsEarly =
        "This plan ends after A3: etcd runs under systemd, and the apiservers go on using it at its old addresses. Until a 'migrate' of all nodes has done A4 to A8, "
        + "do not run 'kubeadm upgrade' or 'kubeadm join --control-plane': they would put a static Pod's manifest back (FACTS 18).";

    /// <summary>The plan for a fleet.</summary>
    public static Plan Build(Fleet fleet, MigrateScope scope)
    {
        var all = fleet.ControlPlane;
        var kubernetes = scope.WithKubernetes(fleet);
        var plan = PlanBuilder.For(Procedure, fleet)
            .Once("A1", "precheck", [new CheckFleet(kubernetes), new RecordCluster()])
            .OnEach("A1", "fetch and check the release", all, node => new(node, [new FetchRelease(node, fleet.Etcd)]))
            .Once("A1", "snapshot", [new TakeSnapshot()])
            .OnEach("A2", "install, enable only", all, node => Install(node, fleet));
        plan = (kubernetes, scope.Order) switch
        {
            (false, _) => Etcd(plan, scope, all),
            (_, MigrateOrder.ApiServerFirst) => Postcheck(Etcd(Kubernetes(plan, fleet), scope, all), fleet),
            _ => Postcheck(Kubernetes(Etcd(plan, scope, all), fleet), fleet),
        };
        return plan.Build();
    }

    /// <summary>A node's way to systemd; a rollback goes it backwards.</summary>
    public static Lane CutOver(FleetNode node, IReadOnlyList<FleetNode> all) => new(
        node,
        [
            new OthersHealthy(node), new MoveLeaderAway(node, BestLeaders(node, all)), new StashManifest(node), new AwaitPodGone(node), new ChownEtcdFiles(node), // IR-5: ownership changes only here
            new StartEtcd(node), new EtcdHealthy(node, EtcdRunner.Systemd), new MembersAgree(),
        ])
    {
        Look = new CutOverLook(node),
        AfterUndo = [new EtcdHealthy(node, EtcdRunner.Kubelet), new MembersAgree()], // R1
    };

    /// <summary>What is installed on a node; a rollback takes it away again.</summary>
    public static Lane Install(FleetNode node, Fleet fleet) => new(node, [new InstallRelease(node, fleet.Etcd.Version), new WriteEtcdEnv(node), new InstallUnit(node)])
    {
        Look = new InstallLook(node),
    };

    private static PlanBuilder Etcd(PlanBuilder plan, MigrateScope scope, IReadOnlyList<FleetNode> all) => plan
        .OneByOne("A3", "cut over", scope.Only.Count == 0 ? all : [.. all.Where(scope.Only.Contains)], node => CutOver(node, all))
        .Once("A3", "proof", [new SameCluster()]);

    private static PlanBuilder Kubernetes(PlanBuilder plan, Fleet fleet) => plan
        .OnOne("A4", "kubeadm's configuration with external etcd", new(fleet.Leader, [new MergeKubeadmConfig(fleet.Leader)]))
        .OnOne("A5", "upload-config", new(fleet.Leader, [new UploadKubeadmConfig(fleet.Leader)])) // D11: the leader alone
        .OneByOne("A6", "apiservers with all endpoints", fleet.ControlPlane, node => new(node, // A7 is the wait and the gate in the lane
            [new OtherApiServersReady(node), new RegenerateApiServer(node), new AwaitApiServer(node), new ApiServersReady()])
        {
            AfterUndo = [new ApiServersReady()],
        });

    private static PlanBuilder Postcheck(PlanBuilder plan, Fleet fleet) =>
        plan.Once("A8", "postcheck", [new RehearseJoin(fleet.Leader), new RehearseUpgrade(fleet.Leader)]);

    /// <summary>Nodes moved before this one, the newest first, then the last to be moved: so leadership moves twice at the most.</summary>
    private static List<FleetNode> BestLeaders(FleetNode node, IReadOnlyList<FleetNode> all)
    {
        var index = all.ToList().IndexOf(node);
        return [.. all.Take(index).Reverse(), .. all.Skip(index + 1).Reverse()];
    }
}
