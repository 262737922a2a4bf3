using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>All checks on all nodes, before anything changes (A1, safety rule 1). Reads only; says everything that it found at once.</summary>
internal sealed record CheckFleet : Step
{
    public override string Name => "check-fleet";

    public override string Summary => "check agents, members, names, manifests, certificates, versions and room on every node";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken)
    {
        var findings = await FindAsync(context.Fleet, context.Agents, context.Time, context.Options.AcceptDowntime, cancellationToken);
        context.Found(findings);
        var refusals = findings.Where(finding => finding.Severity == Severity.Refusal).Select(finding => $"{finding.Node}: {finding.Found}").ToList();
        return refusals.Count > 0
            ? new Look.Refused([$"{refusals.Count} of {findings.Count} checks refuse", .. refusals])
            : new Look.AlreadyDone(Receipt.Unchanged($"{findings.Count} checks, {findings.Count(finding => finding.Severity == Severity.Warning)} warnings"));
    }

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a check has nothing to apply: its look is all of it");

    /// <summary>Asks every node and computes all findings.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(Fleet fleet, IAgents agents, TimeProvider time, bool acceptDowntime, CancellationToken cancellationToken) =>
        MigrationChecks.Evaluate(fleet, await NodeReport.OfAllAsync(fleet, agents, time, cancellationToken), new() { Now = time.GetUtcNow(), AcceptDowntime = acceptDowntime });
}
