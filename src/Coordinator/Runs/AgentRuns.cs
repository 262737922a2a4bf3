using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>A cluster's runs as one agent has them.</summary>
internal sealed class AgentRuns(Fleet fleet, FleetNode node, IAgents agents, TimeProvider time) : IKeptRuns
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    public string Name => node.Name;

    public string Where(string run) => $"/var/lib/etcdfleet/runs/{run} on {node}";

    public async Task<IReadOnlyList<KeptRun>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await agents.On(node).Runs.ListRunsAsync(new() { Cluster = fleet.Cluster }, deadline: Deadline, cancellationToken: cancellationToken)).Runs];

    public async Task<RunCopy> ReadAsync(string run, CancellationToken cancellationToken)
    {
        using var call = agents.On(node).Runs.ReadRun(new() { Run = run }, deadline: Deadline, cancellationToken: cancellationToken);
        var copy = new RunCopy(Where(run), [], []);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            copy.Lines.AddRange(call.ResponseStream.Current.Lines);
            copy.Documents.AddRange(call.ResponseStream.Current.Attachments);
        }

        return copy;
    }

    private DateTime Deadline => time.GetUtcNow().UtcDateTime + CallLimit;
}
