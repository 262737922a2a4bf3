using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Verbs.Owners;

/// <summary>Gives etcd's files back to whom ChownEtcdFiles took them from (R1).</summary>
internal sealed class RestoreEtcdOwners(HostRoot root, ISystemd systemd, Ownership ownership, OwnerRecords records)
    : IRecover<RestoreEtcdOwnersRequest, RestoreEtcdOwnersResponse>
{
    public async Task<RestoreEtcdOwnersResponse> RunAsync(RestoreEtcdOwnersRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        await systemd.EnsureStoppedAsync("its files would change under it", cancellationToken);
        if (records.Read() is not { } record)
        {
            return new() { Change = Changes.None("no change of owners is on record") };
        }

        var dataDir = root.At(record.DataDir);
        var files = EtcdFiles.Walk(root, ownership, record.DataDir);
        var keys = record.Keys.Where(key => Native.Stat(root.At(key.Key)) is not null).ToList();
        foreach (var key in keys)
        {
            ownership.RefuseUnsafe(root.At(key.Key)); // before the first change
        }

        var former = record.Files[""];
        var changed = files.Count(file => ownership.Set(dataDir, file.Relative, record.Files.TryGetValue(file.Relative, out var before)
                ? before
                : file.Status.Owner with { User = former.User, Group = former.Group }))
            + keys.Count(key => ownership.Set(root.At(key.Key), key.Value));

        // Only now: a crash before this line leaves the record, and the repeat does the rest.
        records.Retire();
        return new()
        {
            Change = changed == 0
                ? Changes.None("etcd's files have their former owners already")
                : Changes.Made($"gave {record.DataDir} and {keys.Count} keys back to their former owners: {changed} owners changed"),
            Files = (uint)(files.Count + keys.Count),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: half of the files may have their owner; etcd is down, and stays so.</remarks>
    public Task<RestoreEtcdOwnersResponse?> RecoverAsync(RestoreEtcdOwnersRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);
}
