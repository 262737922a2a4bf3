using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Gives apiservers, controllers and schedulers back to the kubelets: all of them begin anew, on the restored data.</summary>
internal sealed record StartControlPlane : FleetStep
{
    public override string Name => "start-control-plane";

    public override string Summary => "put the manifests of every apiserver, controller-manager and scheduler back";

    public override Undo Undo => Undo.NotNeeded("from here on clients write to the restored data: going back would lose that");

    public override bool Insists => true;

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => StartAsync(context, cancellationToken);

    public static async Task<Receipt> StartAsync(StepContext context, CancellationToken cancellationToken) =>
        From((await EachAsync(context, context.Fleet.ControlPlane, (_, agent) => agent.Restores.StartControlPlaneAsync(
            new() { Operation = context.Operation }, deadline: Deadline(context, TimeSpan.FromSeconds(30)), cancellationToken: cancellationToken).ResponseAsync)).Select(answer => (answer.Node, answer.Answer.Change)));
}
