using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Starts the restored members together: a new cluster's first member is not ready before the second one runs (FACTS 5).</summary>
internal sealed record StartRestored(string Sha256) : FleetStep
{
    /// <summary>After a failed start the verb stops the unit again, before it answers.</summary>
    private static readonly TimeSpan StopAgain = TimeSpan.FromSeconds(100);

    public override string Name => "start-restored";

    public override string Summary => "start etcd.service on every node, all at a time";

    public override Undo Undo => Undo.By("stop etcd.service on every node");

    public override StepTime Time => StepTime.UnitStart;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await StartAsync(context, context.Fleet.ControlPlane, cancellationToken)).Select(answer => (answer.Node, answer.Answer.Change)));

    public override Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) => StopForRestore.StopAsync(context, Sha256, cancellationToken);

    public static Task<IReadOnlyList<(FleetNode Node, StartUnitResponse Answer)>> StartAsync(StepContext context, IReadOnlyList<FleetNode> nodes, CancellationToken cancellationToken)
    {
        var limit = context.Options.UnitStart;
        return EachAsync(context, nodes, (_, agent) => agent.Units.StartUnitAsync(
            new() { Operation = context.Operation, Component = Component.Etcd, TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit + StopAgain), cancellationToken: cancellationToken).ResponseAsync);
    }
}
