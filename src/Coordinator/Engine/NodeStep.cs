using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>A step on one node: most are one verb of its agent, which is idempotent and looks for itself.</summary>
internal abstract record NodeStep(FleetNode Node) : Step
{
    /// <summary>A verb says by itself that nothing was to be done, so asking it twice would only cost time.</summary>
    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) =>
        Task.FromResult<Look>(Look.Needed.Instance);

    /// <summary>A receipt from what the verb says it did.</summary>
    protected static Receipt From(Change change, params (string Name, string Value)[] facts) =>
        new(change.Changed, change.Summary, facts.ToDictionary(fact => fact.Name, fact => fact.Value));

    /// <summary>This node's agent.</summary>
    protected IAgent Agent(StepContext context) => context.Agents.On(Node);

    /// <summary>An absolute deadline for a call that waits on the node, with room for the answer's way back.</summary>
    protected static DateTime Deadline(StepContext context, TimeSpan work) =>
        context.Time.GetUtcNow().UtcDateTime + work + TimeSpan.FromSeconds(10);
}
