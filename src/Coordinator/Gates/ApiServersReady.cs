using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>Every apiserver, or every other one, runs as its manifest says and is ready: they are never all down (FACTS 15).</summary>
/// <param name="But">The node that is about to be restarted; null: none.</param>
internal sealed record ApiServersReady(FleetNode? But = null) : Gate
{
    public override string Name => But is null ? "apiservers-ready" : "other-apiservers-ready";

    public override string Summary => But is null ? "every apiserver is ready, and sees etcd healthy" : "every other apiserver is ready";

    /// <summary>One that an earlier run restarted may take this long to come.</summary>
    protected override TimeSpan Deadline(RunOptions options) => options.GateDeadline > options.ApiServerRestart ? options.GateDeadline : options.ApiServerRestart;

    public override async Task<GateAnswer> AskAsync(StepContext context, CancellationToken cancellationToken)
    {
        var nodes = context.Fleet.ControlPlane.Where(node => node != But).ToList();
        var answers = await Task.WhenAll(nodes.Select(async node => (Node: node, Answer: await context.Agents.On(node).ApiServers.GetApiServerAsync(new(), cancellationToken: cancellationToken))));
        return answers.Select(answer => ApiServerWord.WhyNot(answer.Node, answer.Answer)).FirstOrDefault(why => why.Length > 0) is { } why
            ? GateAnswer.Red(why)
            : GateAnswer.Clear(nodes.Count == 0 ? "there is no other apiserver" : $"{nodes.Count} apiservers are ready");
    }
}
