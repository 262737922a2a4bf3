using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>The control plane's agents, asked about their leases all at once. One that does not answer is an answer.</summary>
internal sealed class LeaseAgents(Run run, IAgents agents)
{
    /// <summary>An agent that is there answers within milliseconds; none may hold a renewal up for longer than until the next one.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    /// <summary>Who takes the lock, for people.</summary>
    public static string Holder { get; } = $"{Environment.UserName} on {Environment.MachineName}, process {Environment.ProcessId}";

    /// <summary>As many as have to grant it: two majorities have an agent in common.</summary>
    public int Majority { get; } = (run.Fleet.ControlPlane.Count / 2) + 1;

    public Task<IReadOnlyList<LeaseAnswer>> LookAsync() => AskAsync(async (agent, options) =>
    {
        var answer = await agent.Leases.GetLeaseAsync(new(), options);
        return (answer.Lease, answer.HighestFence);
    });

    public Task<IReadOnlyList<LeaseAnswer>> AcquireAsync(ulong fence) => AskAsync(async (agent, options) =>
    {
        var request = new AcquireLeaseRequest { Run = run.Id, Fence = fence, TtlMs = (uint)run.Options.LeaseTtl.TotalMilliseconds, Cluster = run.Fleet.Cluster, Holder = Holder };
        return ((await agent.Leases.AcquireLeaseAsync(request, options)).Lease, fence);
    });

    public Task<IReadOnlyList<LeaseAnswer>> RenewAsync(ulong fence) => AskAsync(async (agent, options) =>
        ((await agent.Leases.RenewLeaseAsync(new() { Run = run.Id, Fence = fence }, options)).Lease, fence));

    public Task<IReadOnlyList<LeaseAnswer>> ReleaseAsync(ulong fence) => AskAsync(async (agent, options) =>
        ((await agent.Leases.ReleaseLeaseAsync(new() { Run = run.Id, Fence = fence }, options)).Released, fence));

    /// <summary>Each agent is told which fence is meant, the highest that it has just named: a call that comes late must not end the next run's lease.</summary>
    public Task<IReadOnlyList<LeaseAnswer>> BreakAsync(string reason) => AskAsync(async (agent, options) =>
    {
        var seen = (await agent.Leases.GetLeaseAsync(new(), options)).HighestFence;
        return ((await agent.Leases.BreakLeaseAsync(new() { Run = run.Id, Reason = reason, Fence = Math.Max(seen, 1) }, options)).Broken, seen);
    });

    private async Task<IReadOnlyList<LeaseAnswer>> AskAsync(Func<IAgent, CallOptions, Task<(Lease? Lease, ulong Highest)>> ask)
    {
        var third = run.Options.LeaseTtl / 3;
        var options = new CallOptions(deadline: TimeProvider.System.GetUtcNow().UtcDateTime + (third < Longest ? third : Longest)); // gRPC's own clock
        return await Task.WhenAll(run.Fleet.ControlPlane.Select(node => OneAsync(node, agent => ask(agent, options))));
    }

    private async Task<LeaseAnswer> OneAsync(FleetNode node, Func<IAgent, Task<(Lease? Lease, ulong Highest)>> ask)
    {
        try
        {
            var (lease, highest) = await ask(agents.On(node));
            return new(node, lease, highest, null);
        }
        catch (AgentCallException problem)
        {
            return new(node, null, 0, problem);
        }
    }
}
