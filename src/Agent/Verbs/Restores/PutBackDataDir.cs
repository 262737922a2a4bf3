using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Puts the former data back, and sets the restored ones aside.</summary>
internal sealed class PutBackDataDir(IEtcdManifests manifests, ISystemd systemd, IPodTraces traces, RestoreFolder folder, RestoreRecords records, TimeProvider time)
    : IRecover<PutBackDataDirRequest, PutBackDataDirResponse>
{
    // The unit's TimeoutStopSec= is 90 s, then systemd kills.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(100);

    public async Task<PutBackDataDirResponse> RunAsync(PutBackDataDirRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Current is not { SetAside: not null } record)
        {
            return new() { Change = Changes.None("the data were not swapped") };
        }

        if (record.Returned)
        {
            throw new AgentFault(FaultReason.RestoreUnderWay, "an apiserver was given back on the restored data, expected none to have been: clients have written there, and that would be lost. Finish the restore ('etcdfleet restore' with its snapshot). Nothing was changed.");
        }

        await StopAsync(record, cancellationToken);
        await traces.EnsureGoneAsync(manifests.Get().Manifest, cancellationToken);
        var former = folder.Has(record, record.SetAside);
        // Where the former data are aside, or there were none and no scratch is left, the member is the restored one: also after a death before that was written down.
        if (folder.HasMember(record) && (former || (record.SetAside.Length == 0 && (record.InPlace || !folder.HasMade(record)))))
        {
            folder.SetAside(record, folder.FreeName(record, "restored", record.Run, time));
        }

        if (former)
        {
            folder.PutBack(record);
        }

        records.Write(record with { InPlace = false, SetAside = null, Ready = record.Ready && folder.HasMade(record) });
        return new() { Change = Changes.Made(former ? $"put {record.SetAside} back in its place" : "there were no former data to put back, or they are back already") };
    }

    /// <summary>A machine that lost power meanwhile has started it at its boot. Nobody is served by it: the apiservers are stopped.</summary>
    private async Task StopAsync(RestoreRecord record, CancellationToken cancellationToken)
    {
        if (record.Stashed.ContainsKey(ControlPlaneManifests.Programs[0]) && !(await systemd.ShowAsync(EtcdService.Name, cancellationToken)).Stopped)
        {
            _ = await systemd.StopAsync(EtcdService.Name, StopLimit, cancellationToken);
        }

        await systemd.EnsureStoppedAsync("its data would change under it", cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Finished: half put back, etcd could not start.</remarks>
    public Task<PutBackDataDirResponse?> RecoverAsync(PutBackDataDirRequest request, CancellationToken cancellationToken) =>
        this.FinishAsync(request, cancellationToken);
}
