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
    public async Task<PutBackDataDirResponse> RunAsync(PutBackDataDirRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Current is not { SetAside: not null } record)
        {
            return new() { Change = Changes.None("the data were not swapped") };
        }

        await systemd.EnsureStoppedAsync("its data would change under it", cancellationToken);
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

    /// <inheritdoc/>
    /// <remarks>Finished: half put back, etcd could not start.</remarks>
    public Task<PutBackDataDirResponse?> RecoverAsync(PutBackDataDirRequest request, CancellationToken cancellationToken) =>
        this.FinishAsync(request, cancellationToken);
}
