using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>An unfinished restore, whoever began it, back to the former data: the undo of its own steps, as long as no client has been given the restored ones.</summary>
internal static class UndoRestore
{
    public const string Procedure = "restore-undo";

    /// <summary>What each agent has on record says what there is to take back; which snapshot it was plays no part.</summary>
    public static Plan Build(Fleet fleet) => PlanBuilder.For(Procedure, fleet)
        .Once("U1", "precheck", [new CheckUndoRestore()])
        .Once("U2", "the former data and the Kubernetes API back", [new TakeBack(new SwapDataDir("")), new TakeBack(new StopForRestore("")), new TakeBack(new StopControlPlane("")), new FormerCluster(), new TakeBack(new PrepareRestore("", ""))])
        .Build();
}
