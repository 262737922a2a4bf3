using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Sets the present data aside and puts the restored ones in their place. Each rename can be found half done, and is finished.</summary>
internal sealed class SwapDataDir(HostRoot root, IEtcdManifests manifests, ISystemd systemd, IPodTraces traces, RestoreFolder folder, RestoreRecords records, TimeProvider time)
    : IRecover<SwapDataDirRequest, SwapDataDirResponse>
{
    public async Task<SwapDataDirResponse> RunAsync(SwapDataDirRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var record = records.Get(request.Sha256);
        if (record.InPlace)
        {
            return Answer(Changes.None("the restored data are in place"), record);
        }

        await systemd.EnsureStoppedAsync("its data would change under it", cancellationToken);
        await traces.EnsureGoneAsync(manifests.Get().Manifest, cancellationToken);
        if (folder.HasMade(record))
        {
            record = SetAside(record);
            folder.PutInPlace(record);
        }
        else if (!folder.HasMember(record) || record.SetAside is null)
        {
            throw new AgentFault(FaultReason.RestoreNotReady, $"the restored data are not in {root.Name(Path.Combine(root.At(record.DataDir), record.Scratch))}, expected them there: prepare the restore again (PrepareRestore). Nothing was changed.");
        }
        else
        {
            folder.Discard(record); // a death came between the last rename and this
        }

        records.Write(record = record with { InPlace = true, Ready = false });
        return Answer(Changes.Made(record.SetAside!.Length > 0 ? $"set the former data aside as {record.SetAside}, and put the restored ones in their place" : "put the restored data in place; there were no former ones"), record);
    }

    /// <inheritdoc/>
    /// <remarks>Finished once the former data's new name is on record; before that nothing was moved.</remarks>
    public async Task<SwapDataDirResponse?> RecoverAsync(SwapDataDirRequest request, CancellationToken cancellationToken) =>
        records.Current is { SetAside: not null } ? await this.FinishAsync(request, cancellationToken) : null;

    private RestoreRecord SetAside(RestoreRecord record)
    {
        if (!folder.HasMember(record))
        {
            return record.SetAside is null ? Note(record with { SetAside = "" }) : record; // a disk that is gone, or a death after the rename
        }

        if (record.SetAside is null)
        {
            record = Note(record with { SetAside = folder.FreeName(record, "member", record.Run, time) });
        }

        // The former data are aside already: what is there came from a restore that was made anew since.
        var name = record.SetAside!.Length > 0 && !folder.Has(record, record.SetAside) ? record.SetAside : folder.FreeName(record, "restored", record.Run, time);
        folder.SetAside(record, name);
        return record;
    }

    private RestoreRecord Note(RestoreRecord record)
    {
        records.Write(record);
        return record;
    }

    private static SwapDataDirResponse Answer(Change change, RestoreRecord record) => new() { Change = change, SetAside = record.SetAside ?? "" };
}
