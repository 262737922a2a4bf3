using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Stops etcd on every node. Safety rule 2 does not hold here, and each agent lets it be so only where the restored data are ready and its apiserver is stopped.</summary>
internal sealed record StopForRestore(string Sha256) : FleetStep
{
    /// <summary>As long as the agent waits for systemd.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(105);

    public override string Name => "stop-for-restore";

    public override string Summary => "stop etcd.service on every node";

    public override Undo Undo => Undo.By("start etcd.service on every node whose member worked before");

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => StopAsync(context, Sha256, cancellationToken);

    /// <summary>All at a time: none is ready before a quorum is (FACTS 5).</summary>
    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var worked = (await RestoreState.OfAllAsync(context, cancellationToken)).Where(state => state.Told.Worked).Select(state => state.Node).ToList();
        var others = context.Fleet.ControlPlane.Except(worked).ToList();
        var receipt = From((await StartRestored.StartAsync(context, worked, cancellationToken)).Select(answer => (answer.Node, answer.Answer.Change)));
        return others.Count == 0 ? receipt : receipt with { Summary = $"{receipt.Summary}; left stopped, because it did not work before: {string.Join(", ", others)}".TrimStart(' ', ';') };
    }

    public static async Task<Receipt> StopAsync(StepContext context, string sha256, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.StopForRestoreAsync(
            new() { Operation = context.Operation, Sha256 = sha256 }, deadline: Deadline(context, Limit), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));
}
