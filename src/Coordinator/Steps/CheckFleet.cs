using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>All checks on all nodes, before anything changes (A1, safety rule 1). Reads only; says everything that it found at once.</summary>
/// <param name="Kubernetes">Also kubeadm's configuration and the apiservers, for a plan that goes on to A4.</param>
internal sealed record CheckFleet(bool Kubernetes) : Step
{
    public override string Name => "check-fleet";

    public override string Summary => Kubernetes
        ? "check agents, members, names, manifests, certificates, versions, room, kubeadm's configuration and apiservers on every node"
        : "check agents, members, names, manifests, certificates, versions and room on every node";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) =>
        Judge(context, await FindAsync(context.Fleet, context.Agents, context.Time, Kubernetes, context.Options.AcceptDowntime, cancellationToken));

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a check has nothing to apply: its look is all of it");

    /// <summary>Says everything that was found, and refuses when anything of it does.</summary>
    public static Look Judge(StepContext context, IReadOnlyList<Finding> findings)
    {
        context.Found(findings);
        var refusals = findings.Where(finding => finding.Severity == Severity.Refusal).Select(finding => $"{finding.Node}: {finding.Found}").ToList();
        return refusals.Count > 0
            ? new Look.Refused([$"{refusals.Count} of {findings.Count} checks refuse", .. refusals])
            : new Look.AlreadyDone(Receipt.Unchanged($"{findings.Count} checks, {findings.Count(finding => finding.Severity == Severity.Warning)} warnings"));
    }

    /// <summary>Asks every node and computes all findings.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(Fleet fleet, IAgents agents, TimeProvider time, bool kubernetes, bool acceptDowntime, CancellationToken cancellationToken)
    {
        var nodes = NodeReport.OfAllAsync(fleet, agents, time, cancellationToken);
        var others = kubernetes ? KubernetesReport.OfAllAsync(fleet, agents, render: true, cancellationToken) : Task.FromResult<IReadOnlyList<KubernetesReport>>([]);
        var reports = await nodes;
        return
        [
            .. MigrationChecks.Evaluate(fleet, reports, new() { Now = time.GetUtcNow(), AcceptDowntime = acceptDowntime }),
            .. kubernetes ? KubernetesChecks.Evaluate(fleet, reports, await others) : [],
        ];
    }
}
