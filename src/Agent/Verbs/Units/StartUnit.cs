using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>Starts systemd's etcd and waits until it is a working member (A3, FACTS 5).</summary>
internal sealed class StartUnit(HostRoot root, IEtcdManifests manifests, ISystemd systemd, IPodTraces traces)
    : IRecover<StartUnitRequest, StartUnitResponse>
{
    private const int JournalLines = 20;

    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(120);

    // The unit's TimeoutStopSec= is 90 s, then systemd kills.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(100);

    public async Task<StartUnitResponse> RunAsync(StartUnitRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);
        var timeout = Validate.Timeout(request.TimeoutMs, Standard);
        manifests.EnsureNotInUse(root);

        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        if (state.ActiveState == "active")
        {
            return new() { Change = Changes.None($"{EtcdService.Name} is running"), Unit = EtcdService.ToUnit(state, root) };
        }

        if (state.LoadState != "loaded")
        {
            throw new AgentFault(FaultReason.UnitFailed, $"{EtcdService.Name} is {state.LoadState}, expected it to be installed. Install it first (InstallUnit).");
        }

        // A main process means that an earlier call, or a hand, is starting it: what is seen on the host is then the unit's own,
        // and starting joins the wait.
        if (state.MainPid == 0)
        {
            await traces.EnsureGoneAsync(manifests.Get().Manifest, cancellationToken);
        }

        if (await systemd.StartAsync(EtcdService.Name, timeout, cancellationToken))
        {
            var started = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
            return new() { Change = Changes.Made($"started {EtcdService.Name}"), Unit = EtcdService.ToUnit(started, root) };
        }

        throw await FailedAsync(timeout, cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Finished: an etcd whose manifest is stashed and whose Pod is gone is to run; the same refusals as ever, and systemd may be starting it anyway.</remarks>
    public Task<StartUnitResponse?> RecoverAsync(StartUnitRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    /// <summary>Says why, and leaves the unit stopped: Restart=always would go on trying behind the caller's back.</summary>
    private async Task<AgentFault> FailedAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        var journal = await systemd.JournalTailAsync(EtcdService.Name, JournalLines, cancellationToken); // before stopping adds its own lines
        var stopped = await systemd.StopAsync(EtcdService.Name, StopLimit, cancellationToken);
        return new AgentFault(
            FaultReason.UnitFailed,
            $"{EtcdService.Name} did not become ready (limit {timeout.TotalSeconds:0.#} s): it was {EtcdService.Describe(state)}, expected active. "
            + (stopped ? "It was stopped again. " : $"It could NOT be stopped within {StopLimit.TotalSeconds} s: stop it by hand. ")
            + (journal.Length > 0 ? $"The end of its journal:\n{journal}" : "Its journal says nothing."));
    }
}
