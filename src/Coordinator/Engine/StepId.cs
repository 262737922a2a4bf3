namespace EtcdFleet.Coordinator.Engine;

/// <summary>A step's path, the same in plans, journals, logs, spans and audit records: <c>A3/cp1/stash-manifest</c>.</summary>
/// <param name="Stage">The clause of the PEP, as in A3.</param>
/// <param name="Node">The node, or "fleet" for what concerns all of them.</param>
/// <param name="Step">The step's name.</param>
internal sealed record StepId(string Stage, string Node, string Step)
{
    /// <summary>Where a step belongs to no single node.</summary>
    public const string WholeFleet = "fleet";

    public override string ToString() => $"{Stage}/{Node}/{Step}";
}
