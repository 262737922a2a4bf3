using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>A migrated cluster, or half of one, back to stacked etcd: flow A's own steps the other way round, behind the same gates.</summary>
/// <remarks>etcd goes first, while the apiservers still have all endpoints, so that none of them waits for its own; then kubeadm's configuration, then
/// the apiservers. What each agent kept is what comes back.</remarks>
internal static class Rollback
{
    public const string Procedure = "rollback";

    /// <summary>The plan for a fleet. Nodes that were never moved are looked at and left alone.</summary>
    /// <param name="fleet">The inventory.</param>
    /// <param name="etcdOnly">What a migration that ended after A3 has to be taken back: A3 and A2.</param>
    public static Plan Build(Fleet fleet, bool etcdOnly = false)
    {
        var all = fleet.ControlPlane;
        var etcd = PlanBuilder.For(Procedure, fleet)
            .Once("A1", "precheck", [new CheckRollback(), new RecordCluster()])
            .Once("A1", "snapshot", [new TakeSnapshot()])
            .OneByOne("A3", "back to the static Pod", all, node => CutBack(node, all))
            .Once("A3", "proof", [new SameCluster()]);
        return (etcdOnly ? etcd : Kubernetes(etcd, fleet))
            .OnEach("A2", "take away what was installed", all, node => new(node, Backwards(Migrate.Install(node, fleet))))
            .Build();
    }

    private static PlanBuilder Kubernetes(PlanBuilder plan, Fleet fleet) => plan
        .OnOne("A5", "kubeadm's configuration as it was", new(fleet.Leader, [new Reverse(new UploadKubeadmConfig(fleet.Leader))]))
        .OneByOne("A6", "apiservers as they were", fleet.ControlPlane, node => new(node, [new OtherApiServersReady(node), new Reverse(new RegenerateApiServer(node)), new ApiServersReady()]) { AfterUndo = [new ApiServersReady()] });

    private static Lane CutBack(FleetNode node, IReadOnlyList<FleetNode> all)
    {
        var forward = Migrate.CutOver(node, all);
        return new(node, [new OthersHealthy(node), forward.Steps.OfType<MoveLeaderAway>().Single(), .. Backwards(forward), new EtcdHealthy(node, EtcdRunner.Kubelet), new MembersAgree()])
        {
            Look = new CutBackLook(node),
            AfterUndo = [new EtcdHealthy(node, EtcdRunner.Systemd), new MembersAgree()],
        };
    }

    /// <summary>The lane's changes in reverse; what it waited for stays in its place, to be waited for again should the reverse be undone.</summary>
    private static IReadOnlyList<Step> Backwards(Lane forward) =>
        [.. forward.Steps.Where(step => step.Undo.Exists || step is AwaitPodGone).Reverse().Select(step => new Reverse(step))];
}
