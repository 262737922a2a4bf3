using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Output;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What a verb on a fleet works with.</summary>
/// <param name="Fleet">The inventory, validated.</param>
/// <param name="Agents">Its agents; nothing is connected yet.</param>
/// <param name="Reporter">The way to the operator's eyes.</param>
/// <param name="Terminal">The way to ask.</param>
/// <param name="StateFolder">By default <c>~/.local/state/etcdfleet</c>; runs are below <c>runs/</c>.</param>
/// <param name="Time">Every clock.</param>
/// <param name="Yes">The operator has agreed beforehand.</param>
/// <param name="DryRun">Nothing may change.</param>
internal sealed record CommandScope(Fleet Fleet, IAgents Agents, IReporter Reporter, ITerminal Terminal, string StateFolder, TimeProvider Time, bool Yes, bool DryRun)
{
    /// <summary>The etcd that keeps the runs' lock and journals as well; null: none was named.</summary>
    public StatePlace? State { get; init; }

    /// <summary>Said before any agent is called: nobody could answer the question anyway.</summary>
    /// <exception cref="CommandFault">No terminal and no <c>--yes</c>: exit code 2.</exception>
    public void RequireAnAnswer()
    {
        if (this is { Yes: false, DryRun: false, Terminal.IsInteractive: false })
        {
            throw new CommandFault(ExitCode.Usage, "found no terminal to ask on, expected a yes; say it with --yes, or look first with --dry-run");
        }
    }

    /// <summary>True when the operator agrees, now or beforehand.</summary>
    /// <exception cref="CommandFault">Nobody is there to answer, and <c>--yes</c> was not given: exit code 2.</exception>
    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken) =>
        Yes || await Terminal.ConfirmAsync(question, cancellationToken);
}
