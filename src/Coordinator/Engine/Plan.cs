using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>A procedure's value for one fleet: printed, run, made into a runbook and tested as text.</summary>
internal sealed record Plan(string Procedure, string Cluster, IReadOnlyList<Stage> Stages)
{
    /// <summary>Every step, in the order in which one after the other they would run.</summary>
    public IEnumerable<(StepId Id, Step Step)> Steps =>
        from stage in Stages
        from lane in stage.Lanes
        from step in lane.Steps
        select (new StepId(stage.Id, lane.Name, step.Name), step);
}

/// <summary>One clause of the PEP.</summary>
/// <param name="Id">The clause: A1.</param>
/// <param name="Title">For people.</param>
/// <param name="Order">How its lanes follow one another.</param>
/// <param name="Lanes">The nodes' steps.</param>
internal sealed record Stage(string Id, string Title, LaneOrder Order, IReadOnlyList<Lane> Lanes)
{
    /// <summary>What it did is undone when a node of a later stage fails: it says how the cluster is, and that is not so then.</summary>
    public bool UndoneWithLater { get; init; }
}

/// <summary>The steps of one node within a stage. When one of them fails, the lane is undone in reverse (rule 3).</summary>
/// <param name="Node">Null for what concerns the whole fleet.</param>
/// <param name="Steps">In order.</param>
internal sealed record Lane(FleetNode? Node, IReadOnlyList<Step> Steps)
{
    public string Name => Node?.Name ?? StepId.WholeFleet;

    /// <summary>How far the node is already; null: its steps find out for themselves.</summary>
    public LaneLook? Look { get; init; }

    /// <summary>The gates that must be green again once the lane has been undone (R1).</summary>
    public IReadOnlyList<Gate> AfterUndo { get; init; } = [];
}

/// <summary>How the lanes of a stage run.</summary>
internal enum LaneOrder
{
    /// <summary>All nodes at a time.</summary>
    Together,

    /// <summary>Strictly one node at a time (A3, rule 2).</summary>
    OneByOne,
}
