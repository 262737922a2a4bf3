using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>All checks before a restore changes anything. The members need not be healthy; every agent must answer. Reads only.</summary>
internal sealed record CheckRestore(Snapshot Snapshot) : Step
{
    public override string Name => "check-restore";

    public override string Summary => "check agents, units, certificates, room, etcdutl, and whose snapshot it is, on every node";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) =>
        CheckFleet.Judge(context, await FindAsync(
            context.Fleet, context.Agents, context.Time, Snapshot, context.Options.AcceptOtherCluster, run => RestoreLook.IsUnfinished(Path.GetDirectoryName(context.RunFolder)!, run), cancellationToken));

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a check has nothing to apply: its look is all of it");

    /// <summary>Asks every node and computes all findings.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(Fleet fleet, IAgents agents, TimeProvider time, Snapshot snapshot, string acceptOtherCluster, Func<string, bool> isUnfinished, CancellationToken cancellationToken)
    {
        var nodes = NodeReport.OfAllAsync(fleet, agents, time, cancellationToken);
        var restores = RestoreReport.OfAllAsync(fleet, agents, cancellationToken);
        return RestoreChecks.Evaluate(fleet, await nodes, await restores, snapshot, acceptOtherCluster, isUnfinished, time.GetUtcNow());
    }
}
