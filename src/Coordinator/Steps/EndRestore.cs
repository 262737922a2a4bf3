using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Closes the record of the restore on every node.</summary>
internal sealed record EndRestore : FleetStep
{
    public override string Name => "end-restore";

    public override string Summary => "close the restore's record on every node; the former data stay where they were set aside";

    public override Undo Undo => Undo.NotNeeded("it only forgets");

    public override bool Insists => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.EndRestoreAsync(
            new() { Operation = context.Operation }, deadline: Deadline(context, TimeSpan.FromMinutes(2)), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));
}
