using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Runs;

/// <summary>Everywhere that a run's journal goes from this machine's disk: the agents, and the state's etcd where there is one.</summary>
internal sealed class RunMirrors(JournalMirror agents, StateJournal? state) : IJournalMirror, IDisposable
{
    public JournalMirror Agents => agents;

    public StateJournal? State => state;

    public void Add(ReadOnlySpan<byte> line)
    {
        agents.Add(line);
        state?.Add(line);
    }

    public async Task<bool> ReachMajorityAsync()
    {
        var there = state?.ReachMajorityAsync() ?? Task.FromResult(true);
        return await agents.ReachMajorityAsync() & await there;
    }

    /// <summary>The agents' copies stop nothing (ADR 0013); the etcd that was asked for by name does.</summary>
    public async Task EnsureKeptAsync(CancellationToken cancellationToken)
    {
        var there = state?.EnsureKeptAsync(cancellationToken) ?? Task.CompletedTask;
        await agents.ReachMajorityAsync();
        await there;
    }

    /// <summary>The last word goes to everybody who answers in time.</summary>
    public async Task FinishAsync()
    {
        var there = state?.FinishAsync() ?? Task.FromResult(true);
        await agents.FinishAsync();
        await there;
    }

    public void Dispose() => state?.Dispose();
}
