using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>All checks before a rollback changes anything: every agent answers, and every member that should run does (safety rules 1 and 2). Reads only.</summary>
internal sealed record CheckRollback : Step
{
    public override string Name => "check-rollback";

    public override string Summary => "check agents, members, stashed manifests and apiservers on every node";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken)
    {
        var nodes = await NodeReport.OfAllAsync(context.Fleet, context.Agents, context.Time, cancellationToken);
        var kubernetes = await KubernetesReport.OfAllAsync(context.Fleet, context.Agents, render: false, cancellationToken);
        return CheckFleet.Judge(context, RollbackChecks.Evaluate(nodes, kubernetes, new() { Now = context.Time.GetUtcNow(), AcceptDowntime = context.Options.AcceptDowntime, EtcdOnly = context.Options.EtcdOnly }));
    }

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a check has nothing to apply: its look is all of it");
}
