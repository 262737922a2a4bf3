using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Writes etcd.env from the static Pod's own flags and environment (A2, FACTS 9).</summary>
internal sealed record WriteEtcdEnv(FleetNode Node) : NodeStep(Node)
{
    public override string Name => "write-etcd-env";

    public override string Summary => "write /etc/etcd/etcd.env from the static Pod's flags";

    public override Undo Undo => Undo.By("take etcd.env away, and put back what was there");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).EtcdEnv.WriteEtcdEnvAsync(new() { Operation = context.Operation }, cancellationToken: cancellationToken);
        return From(
            response.Change,
            ("sha256", response.File.Sha256),
            ("carried_over", $"{response.Rows.Count(row => row.Origin != EnvRow.Types.Origin.Added)}"),
            ("added", string.Join(' ', response.Rows.Where(row => row.Origin == EnvRow.Types.Origin.Added).Select(row => row.Variable))));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).EtcdEnv.RemoveEtcdEnvAsync(new() { Operation = context.Operation }, cancellationToken: cancellationToken);
        return From(response.Change);
    }
}
