using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Takes apiservers, controllers and schedulers away from the kubelets, on every node.</summary>
internal sealed record StopControlPlane(string Sha256) : FleetStep
{
    public override string Name => "stop-control-plane";

    public override string Summary => "stash the manifests of every apiserver, controller-manager and scheduler";

    public override Undo Undo => Undo.By("put those manifests back");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.StopControlPlaneAsync(
            new() { Operation = context.Operation, Sha256 = Sha256 }, deadline: Deadline(context, TimeSpan.FromSeconds(30)), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));

    public override Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken) => StartControlPlane.StartAsync(context, cancellationToken);
}
