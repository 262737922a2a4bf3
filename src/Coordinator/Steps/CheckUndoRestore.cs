using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Whether a restore may still be taken back: every agent must answer, and no client have been given the restored data. Reads only.</summary>
internal sealed record CheckUndoRestore : Step
{
    public override string Name => "check-undo-restore";

    public override string Summary => "check agents, and that no apiserver was given back on restored data";

    public override Undo Undo => Undo.NotNeeded("it only reads");

    public override bool Prepares => true;

    public override async Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => CheckFleet.Judge(context, await FindAsync(context.Fleet, context.Agents, context.Time, cancellationToken));

    public override Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken) => throw new InvalidOperationException("a check has nothing to apply: its look is all of it");

    /// <summary>Asks every node and computes all findings.</summary>
    public static async Task<IReadOnlyList<Finding>> FindAsync(Fleet fleet, IAgents agents, TimeProvider time, CancellationToken cancellationToken)
    {
        var nodes = NodeReport.OfAllAsync(fleet, agents, time, cancellationToken);
        var restores = await RestoreReport.OfAllAsync(fleet, agents, cancellationToken);
        return [.. AgentChecks.Evaluate(await nodes), .. Judge([.. restores.Where(restore => restore.Told is not null)])];
    }

    private static IEnumerable<Finding> Judge(IReadOnlyList<RestoreReport> restores)
    {
        const string ByHand = "docs/restore.md says how the former data come back by hand";
        var atWork = restores.Where(restore => restore.Told is { Ended: false, Sha256.Length: > 0 }).ToList();
        foreach (var restore in restores)
        {
            yield return restore.Told switch
            {
                { Ended: false, Returned: true, Run: var run } => new("restore", restore.Node.Name, Severity.Refusal, $"run {run} has given an apiserver back here: clients write to the restored data, and that would be lost; expected none to have been", $"finish it: 'etcdfleet restore' with its snapshot. {ByHand}"),
                { Ended: true, InPlace: true, Run: var run } when atWork.Count == 0 => new("restore", restore.Node.Name, Severity.Refusal, $"the restore of run {run} is finished, expected one that is not: clients write to its data", ByHand),
                GetRestoreResponse { Ended: false, Sha256.Length: > 0, Run: var run } => new("restore", restore.Node.Name, Severity.Pass, $"the restore of run {run} is not finished"),
                _ => new("restore", restore.Node.Name, Severity.Pass, "no restore is at work here"),
            };
        }
    }
}
