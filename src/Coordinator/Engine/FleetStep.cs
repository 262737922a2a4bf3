using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>A step on every control-plane node at a time, done or undone as one: in a restore no node means anything without the others.</summary>
internal abstract record FleetStep : Step
{
    /// <summary>The verbs say by themselves that nothing was to be done.</summary>
    public override Task<Look> LookAsync(StepContext context, CancellationToken cancellationToken) => Task.FromResult<Look>(Look.Needed.Instance);

    /// <summary>Calls every node's agent, and waits for all of them also when one fails: whatever comes next must not meet a verb at work.</summary>
    /// <exception cref="AgentCallException">One is busy, its answer got lost, or its agent died in it: the engine asks all of them again, and who is done says so. Or every one refused.</exception>
    /// <exception cref="StepFault">Some did it and some did not.</exception>
    protected static async Task<IReadOnlyList<(FleetNode Node, T Answer)>> EachAsync<T>(StepContext context, IEnumerable<FleetNode> nodes, Func<FleetNode, IAgent, Task<T>> call)
    {
        var calls = nodes.Select(node => (Node: node, Answer: call(node, context.Agents.On(node)))).ToList();
        await Task.WhenAll(calls.Select(made => (Task)made.Answer)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failed = calls.Where(made => !made.Answer.IsCompletedSuccessfully).Select(made => (made.Node, Why: Failure(made.Answer))).ToList();
        if (failed.Count == 0)
        {
            return [.. calls.Select(made => (made.Node, made.Answer.Result))];
        }

        if (failed.Find(one => one.Why is OperationCanceledException or AgentCallException { Unknown: true } or AgentCallException { Reason: FaultReason.Busy or FaultReason.Interrupted }).Why is { } again)
        {
            throw again;
        }

        // A refusal of all is one: nothing was changed anywhere.
        throw new StepFault(
            string.Join("; ", failed.Select(one => $"{one.Node}: {one.Why.Message}")), refused: failed.Count == calls.Count && failed.TrueForAll(one => one.Why is AgentCallException { Refused: true }), failed[0].Why);
    }

    /// <summary>One receipt from what every node says that it did.</summary>
    protected static Receipt From(IEnumerable<(FleetNode Node, Change Change)> changes, params (string Name, string Value)[] facts)
    {
        var all = changes.ToList();
        return new(
            all.Exists(change => change.Change.Changed),
            string.Join("; ", all.GroupBy(change => change.Change.Summary).Select(group => $"{string.Join(", ", group.Select(change => change.Node.Name))}: {group.Key}")),
            facts.ToDictionary(fact => fact.Name, fact => fact.Value));
    }

    /// <summary>An absolute deadline for calls that wait on the nodes, with room for the answers' way back.</summary>
    protected static DateTime Deadline(StepContext context, TimeSpan work) => context.Time.GetUtcNow().UtcDateTime + work + TimeSpan.FromSeconds(10);

    private static Exception Failure(Task call) => call.IsCanceled ? new OperationCanceledException() : call.Exception!.InnerException!;
}
