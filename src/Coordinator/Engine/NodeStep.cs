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

    /// <summary>Makes a change that etcd.service is in the way of: when the agent refuses because the unit runs, it is stopped, and the change asked for once more.</summary>
    /// <remarks>In the middle of a cutover it was not we who started it: the unit is enabled, and a node that lost power there starts it at its boot, in
    /// vain or not. Its stop asks for quorum like any other. Each call has an id of its own, made from the step's: a repeat finds its first answer.</remarks>
    protected async Task<T> WithoutUnitAsync<T>(StepContext context, Func<Operation, Task<T>> change)
    {
        try
        {
            return await change(context.Operation);
        }
        catch (AgentCallException refused) when (refused.Reason == FaultReason.UnitRunning)
        {
            context.Report($"etcd.service has come up by itself, as at a boot, and is stopped: {refused.Message}", 0, 0);
            await Agent(context).Units.StopUnitAsync(
                new() { Operation = Beside(context, "stop"), Component = Component.Etcd, AcceptDowntime = context.Options.AcceptDowntime }, deadline: Deadline(context, TimeSpan.FromSeconds(100)));
            return await change(Beside(context, "again"));
        }
    }

    private static Operation Beside(StepContext context, string what)
    {
        var operation = context.Operation.Clone();
        operation.Id = $"{operation.Id}-{what}";
        return operation;
    }

    /// <summary>An absolute deadline for a call that waits on the node, with room for the answer's way back.</summary>
    protected static DateTime Deadline(StepContext context, TimeSpan work) =>
        context.Time.GetUtcNow().UtcDateTime + work + TimeSpan.FromSeconds(10);
}
