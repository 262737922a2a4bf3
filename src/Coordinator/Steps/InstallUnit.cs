using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Installs and enables etcd.service, and does not start it (A2, D9).</summary>
internal sealed record InstallUnit(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "install-unit";

    public override string Summary => "install and enable etcd.service, without starting it";

    public override Undo Undo => Undo.By("disable and remove etcd.service");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Units.InstallUnitAsync(
            new() { Operation = context.Operation, Component = Component.Etcd }, deadline: Deadline(context, TimeSpan.FromSeconds(30)), cancellationToken: cancellationToken);
        return From(response.Change, ("sha256", response.Unit.Sha256));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Units.RemoveUnitAsync(
            new() { Operation = context.Operation, Component = Component.Etcd }, deadline: Deadline(context, TimeSpan.FromSeconds(30)), cancellationToken: cancellationToken);
        return From(response.Change);
    }
}
