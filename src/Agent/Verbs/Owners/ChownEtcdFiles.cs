using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Agent.Verbs.Units;

namespace EtcdFleet.Agent.Verbs.Owners;

/// <summary>Gives etcd's data to etcd's user, and its keys to etcd's group (A3, FACTS 10). IR-5: ownership changes here and nowhere else.</summary>
internal sealed class ChownEtcdFiles(HostRoot root, IEtcdManifests manifests, ISystemd systemd, IPodTraces traces, UserDatabase users, Ownership ownership, OwnerRecords records)
    : IRecover<ChownEtcdFilesRequest, ChownEtcdFilesResponse>
{
    public async Task<ChownEtcdFilesResponse> RunAsync(ChownEtcdFilesRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var etcd = users.Get();
        manifests.EnsureNotInUse(root);
        var manifest = manifests.Get().Manifest;
        await systemd.EnsureStoppedAsync("its files would change under it", cancellationToken);
        await traces.EnsureGoneAsync(manifest, cancellationToken);

        var dataDir = root.At(manifest.DataDir);
        var files = EtcdFiles.Walk(root, ownership, manifest.DataDir);
        var keys = manifest.KeyFiles.Distinct().ToDictionary(key => key, key => Key(key).Owner);
        var record = Recorded(manifest.DataDir, files, keys);
        RefuseStrangers(files, keys, etcd.User, manifest.DataDir, record);

        // Written whole before the first change. One that stands is from before an earlier change: what is there now is not
        // what was there then, so it is only ever completed by keys that it does not know.
        records.Write(record);

        var changed = files.Count(file => ownership.Set(dataDir, file.Relative, file.Status.Owner with { User = etcd.User, Group = etcd.Group }))
            + keys.Keys.Count(key => ownership.Set(root.At(key), new OwnerAndMode(0, etcd.Group, OwnerAndMode.GroupReadable)));

        var before = record.Files.Where(file => file.Key is "" or "member").Select(file => file.Value.Named(Path.Combine(record.DataDir, file.Key)))
            .Concat(record.Keys.Select(key => key.Value.Named(key.Key)));
        return new()
        {
            Change = changed == 0
                ? Changes.None("etcd's files have their owners already")
                : Changes.Made($"gave {manifest.DataDir} to etcd:etcd and {keys.Count} keys to group etcd: {changed} owners changed"),
            Files = (uint)(files.Count + keys.Count),
            Before = { before },
        };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: half of the files may have their owner; etcd is down, and stays so.</remarks>
    public Task<ChownEtcdFilesResponse?> RecoverAsync(ChownEtcdFilesRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    private OwnerRecord Recorded(string dataDir, IReadOnlyList<TreeEntry> files, Dictionary<string, OwnerAndMode> keys)
    {
        if (records.Read() is not { } record)
        {
            return new() { DataDir = dataDir, Files = files.ToDictionary(file => file.Relative, file => file.Status.Owner), Keys = keys };
        }

        return record.DataDir == dataDir
            ? record with { Keys = record.Keys.Concat(keys.Where(key => !record.Keys.ContainsKey(key.Key))).ToDictionary() }
            : throw new AgentFault(FaultReason.UnsafeFile, $"the former owners of {record.DataDir} are on record, and the manifest's data dir is {dataDir}; expected the same. Undo the earlier change first (RestoreEtcdOwners).");
    }

    /// <summary>A key that may be given to etcd's group.</summary>
    /// <exception cref="AgentFault">UNSAFE_FILE: a link, or the key of a CA, which nothing may make readable.</exception>
    private FileStatus Key(string key)
    {
        if (Native.Stat(root.At(key)) is null)
        {
            throw new AgentFault(FaultReason.Io, $"{key} does not exist, expected the key that the manifest names. Nothing was changed.");
        }

        var status = ownership.RefuseUnsafe(root.At(key));
        string[] authorities = [Path.Combine(root.EtcdPki, "ca.key"), root.At("/etc/kubernetes/pki/ca.key"), root.At("/etc/kubernetes/pki/front-proxy-ca.key")];
        return authorities.Any(authority => Native.Stat(authority)?.Identity == status.Identity)
            ? throw new AgentFault(FaultReason.UnsafeFile, $"the manifest's key {key} is a CA's, expected server.key and peer.key: a CA's key is never made readable. Nothing was changed.")
            : status;
    }

    /// <summary>Owners that neither the kubelet nor systemd explains mean that somebody else uses these files.</summary>
    private static void RefuseStrangers(IReadOnlyList<TreeEntry> files, Dictionary<string, OwnerAndMode> keys, uint etcd, string dataDir, OwnerRecord record)
    {
        uint[] expected = [0, etcd, record.Files[""].User];
        var strangers = files.Select(file => file.Status.Owner.Named(Path.Combine(dataDir, file.Relative)))
            .Concat(keys.Select(key => key.Value.Named(key.Key)))
            .Where(file => !expected.Contains(file.Uid)).ToList();
        if (strangers.Count > 0)
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{string.Join(", ", strangers.Take(5).Select(file => $"{file.Path} belongs to user {file.Uid}"))}{(strangers.Count > 5 ? $" and {strangers.Count - 5} more" : "")}; expected root, etcd or the data dir's owner. Find out who uses them. Nothing was changed.");
        }
    }
}
