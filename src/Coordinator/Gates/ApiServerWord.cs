using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Gates;

/// <summary>What an agent's word about its apiserver means.</summary>
internal static class ApiServerWord
{
    /// <summary>Asks some nodes' agents, all at a time.</summary>
    public static async Task<GateAnswer> AskAsync(StepContext context, IReadOnlyList<FleetNode> nodes, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(nodes.Select(async node => (Node: node, Answer: await context.Agents.On(node).ApiServers.GetApiServerAsync(new(), cancellationToken: cancellationToken))));
        return answers.Select(answer => (answer.Node, Why: WhyNot(answer.Answer))).FirstOrDefault(answer => answer.Why.Length > 0) is { Node: { } node, Why: var why }
            ? GateAnswer.Red($"{node}: {why}")
            : GateAnswer.Clear(nodes.Count == 0 ? "there is no other apiserver" : $"{nodes.Count} apiservers are ready");
    }

    /// <summary>One that an earlier run restarted may take this long to come.</summary>
    public static TimeSpan Deadline(RunOptions options) => options.GateDeadline > options.ApiServerRestart ? options.GateDeadline : options.ApiServerRestart;

    /// <summary>Why it is not sound; empty when it is.</summary>
    public static string WhyNot(GetApiServerResponse apiServer) => apiServer switch
    {
        { Problem.Length: > 0 } => apiServer.Problem,
        { Processes.Count: 0 } => "no apiserver runs",
        { Processes.Count: > 1 } => $"{apiServer.Processes.Count} apiservers run, one of them from before",
        _ when !apiServer.Processes[0].AsManifest => $"the apiserver (pid {apiServer.Processes[0].Pid}) runs with other flags than its manifest has",
        { Ready: true, EtcdOk: true, Alive: true } => "",
        _ => apiServer.HealthProblem,
    };
}
