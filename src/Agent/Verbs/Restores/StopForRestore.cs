using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Stops etcd for a restore. All members are stopped, so nobody is asked for quorum: the ready data and the stopped apiserver are asked for instead.</summary>
internal sealed class StopForRestore(ISystemd systemd, RestoreRecords records) : IRecover<StopForRestoreRequest, StopForRestoreResponse>
{
    // The unit's TimeoutStopSec= is 90 s, then systemd kills.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(100);

    public async Task<StopForRestoreResponse> RunAsync(StopForRestoreRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var record = records.Get(request.Sha256);
        if (!record.Stashed.ContainsKey(ControlPlaneManifests.Programs[0]))
        {
            throw new AgentFault(FaultReason.RestoreNotReady, "the apiserver's manifest is not stashed, expected the control plane to be stopped first (StopControlPlane): etcd stops for no other reason without quorum being asked for.");
        }

        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        if (state.Stopped)
        {
            return new() { Change = Changes.None($"{EtcdService.Name} does not run") };
        }

        return await systemd.StopAsync(EtcdService.Name, Limit, cancellationToken)
            ? new() { Change = Changes.Made($"stopped {EtcdService.Name}") }
            : throw new AgentFault(FaultReason.Timeout, $"{EtcdService.Name} is {EtcdService.Describe(await systemd.ShowAsync(EtcdService.Name, cancellationToken))} after {Limit.TotalSeconds} s, expected it to be stopped; systemd goes on stopping it. Look at its journal.");
    }

    /// <inheritdoc/>
    /// <remarks>Looked at, as with StopUnit: it is never done now. One that systemd is stopping already is waited for.</remarks>
    public async Task<StopForRestoreResponse?> RecoverAsync(StopForRestoreRequest request, CancellationToken cancellationToken)
    {
        var state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        if (state.ActiveState == "deactivating")
        {
            _ = await systemd.StopAsync(EtcdService.Name, Limit, cancellationToken); // joins the wait
            state = await systemd.ShowAsync(EtcdService.Name, cancellationToken);
        }

        return state.Stopped ? new() { Change = Changes.Made($"stopped {EtcdService.Name}") } : null;
    }
}
