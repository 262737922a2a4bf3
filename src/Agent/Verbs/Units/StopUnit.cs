using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Members;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>Stops systemd's etcd and waits until its processes are gone (R1).</summary>
internal sealed class StopUnit(HostRoot root, ISystemd systemd, IQuorumGuard quorum) : IRecover<StopUnitRequest, StopUnitResponse>
{
    private static readonly TimeSpan Standard = TimeSpan.FromSeconds(60);

    public async Task<StopUnitResponse> RunAsync(StopUnitRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);
        var timeout = Validate.Timeout(request.TimeoutMs, Standard);

        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        if (state.Stopped)
        {
            return new() { Change = Changes.None($"{EtcdService.Name} does not run"), Unit = EtcdService.ToUnit(state, root) };
        }

        await quorum.EnsureMayStopAsync(request.AcceptDowntime, cancellationToken);

        var stopped = await systemd.StopAsync(EtcdService.Name, timeout, cancellationToken);
        state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        return stopped
            ? new() { Change = Changes.Made($"stopped {EtcdService.Name}"), Unit = EtcdService.ToUnit(state, root) }
            : throw new AgentFault(FaultReason.Timeout, $"{EtcdService.Name} is {EtcdService.Describe(state)} after {timeout.TotalSeconds:0.#} s, expected it to be stopped; systemd goes on stopping it. Ask again, or look at its journal.");
    }

    /// <inheritdoc/>
    /// <remarks>Looked at: it is never done now, for it would take a member down that nobody waits for. One that systemd is stopping already is waited for.</remarks>
    public async Task<StopUnitResponse?> RecoverAsync(StopUnitRequest request, CancellationToken cancellationToken)
    {
        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        if (state.ActiveState == "deactivating")
        {
            _ = await systemd.StopAsync(EtcdService.Name, Validate.Timeout(request.TimeoutMs, Standard), cancellationToken); // joins the wait
            state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        }

        return state switch
        {
            { Stopped: true } => new() { Change = Changes.Made($"stopped {EtcdService.Name}"), Unit = EtcdService.ToUnit(state, root) },
            { ActiveState: "deactivating" } => throw new AgentFault(FaultReason.Timeout, $"{EtcdService.Name} is {EtcdService.Describe(state)}, expected it to be stopped; systemd goes on stopping it"),
            _ => null,
        };
    }
}
