using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Starts etcd under systemd and waits for its READY=1 (A3, D9).</summary>
internal sealed record StartEtcd(FleetNode Node) : NodeStep(Node)
{
    /// <summary>After a failed start the verb stops the unit again, before it answers.</summary>
    private static readonly TimeSpan StopAgain = TimeSpan.FromSeconds(100);

    public override string Name => "start-etcd";

    public override string Summary => "start etcd.service";

    public override Undo Undo => Undo.By("stop etcd.service");

    public override StepTime Time => StepTime.UnitStart;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var limit = context.Options.UnitStart;
        var response = await Agent(context).Units.StartUnitAsync(
            new() { Operation = context.Operation, Component = Component.Etcd, TimeoutMs = (uint)limit.TotalMilliseconds }, deadline: Deadline(context, limit + StopAgain), cancellationToken: cancellationToken);
        return From(response.Change, ("main_pid", $"{response.Unit.MainPid}"), ("invocation", response.Unit.Invocation));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Units.StopUnitAsync(
            new() { Operation = context.Operation, Component = Component.Etcd, AcceptDowntime = context.Options.AcceptDowntime },
            deadline: Deadline(context, TimeSpan.FromSeconds(100)), cancellationToken: cancellationToken);
        return From(response.Change);
    }
}
