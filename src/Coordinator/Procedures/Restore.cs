using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>PEP-0001, R2: the whole cluster from one snapshot, on all nodes at a time (FACTS 24). One lost member is not restored but added again.</summary>
internal static class Restore
{
    public const string Procedure = "restore";

    /// <summary>The plan for a fleet. The nodes are one lane: any failure before clients can write takes all of them back.</summary>
    public static Plan Build(Fleet fleet, LocalSnapshot snapshot)
    {
        var (name, sha256) = (snapshot.Facts.Name, snapshot.Facts.Sha256);
        return PlanBuilder.For(Procedure, fleet)
            .Once("R2.1", "precheck", [new CheckRestore(snapshot.Facts)])
            .OneByOne("R2.2", "the snapshot on every node", fleet.ControlPlane, node => new(node, [new BringSnapshot(node, snapshot)])) // this machine's line is what it takes
            .Once("R2.3", "the restored data in place of the present ones", new Lane(null,
                [
                    new PrepareRestore(name, sha256), new WeighLoss(sha256, snapshot.Facts.Taken.ToDateTimeOffset()), new StopControlPlane(sha256), new AwaitControlPlaneGone(), new StopForRestore(sha256), new SwapDataDir(sha256),
                    new StartRestored(sha256), new RestoredCluster(),
                ])
            {
                Look = new RestoreLook(sha256),
            })
            .Once("R2.4", "the Kubernetes API back", [new StartControlPlane(), new ApiServersReady(), new EndRestore()])
            .Build();
    }
}
