using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>The apiserver's manifest that a rollback wants: a copy in the stash, and a record of its digest, owner and mode.</summary>
internal sealed class KeptApiServer(HostRoot root, ApiServerManifests manifests, Ownership ownership, ApiServerRecords records, TimeProvider time)
{
    /// <summary>Keeps the present one. A kept one that differs from it in etcd alone stays: what is wanted back is the manifest with stacked etcd, not a
    /// later one. One that differs in more is out of date, as after an upgrade, and is set aside.</summary>
    public void Keep(FoundApiServer present)
    {
        if (IsStillOf(present.Manifest))
        {
            return;
        }

        // In this order a death in between leaves no record, or one that fits.
        records.Retire();
        if (Path.Exists(root.StashedApiServerManifest) && manifests.Kept?.Sha256 != present.Sha256)
        {
            AtomicFile.Rename(root.StashedApiServerManifest, Stamp.Beside(root.StashedApiServerManifest, "out-of-date", time), noLink: true);
        }

        var owner = OwnerAndMode.From(ownership.Of(root.ApiServerManifest));
        ownership.EnsureFolder(root.Stash, OwnerAndMode.RootOnly);
        AtomicFile.Write(root.StashedApiServerManifest, present.Content, owner.Permissions, (owner.User, owner.Group), noLink: true);
        records.Write(new(present.Sha256, owner));
    }

    /// <summary>Notes what is in use now, so that it is known again.</summary>
    public void NoteWritten()
    {
        if (records.Read() is { } record && manifests.InUse is { } now && now.Sha256 != record.Sha256)
        {
            records.Write(record with { Written = now.Sha256 });
        }
    }

    /// <summary>Looks whether putting the kept one back would take away more than etcd's flags.</summary>
    /// <exception cref="AgentFault">MANIFEST_CHANGED: the one in use was changed by others since, as by an upgrade.</exception>
    public void EnsureNothingElseChanged(ApiServerRecord record)
    {
        if (manifests.InUse is not { } inUse || inUse.Sha256 == record.Written)
        {
            return;
        }

        if (TryParse(root.StashedApiServerManifest) is { } kept && TryParse(root.ApiServerManifest) is { } present && ManifestComparison.Of(present, kept).Other is { Count: > 0 } lost)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{inUse.Path} was changed since the manifest was kept, and the kept one would change back {string.Join("; ", lost)}; expected etcd's flags alone. Let kubeadm write it ('kubeadm init phase control-plane apiserver'), or put {root.Name(root.StashedApiServerManifest)} there by hand if that is meant.");
        }
    }

    /// <summary>Copies one that kubeadm did not write into the stash: it is somebody's (DESIGN, safety rule 9).</summary>
    public void SetAsideInUse(ApiServerRecord record)
    {
        if (manifests.InUse is { } inUse && inUse.Sha256 != record.Written && inUse.Sha256 != record.Sha256)
        {
            AtomicFile.Write(Stamp.Beside(root.StashedApiServerManifest, "set-aside", time), File.ReadAllBytes(root.ApiServerManifest), noLink: true);
        }
    }

    private bool IsStillOf(ApiServerManifest present) =>
        records.Read() is { } record && manifests.Kept is { } kept && kept.Sha256 == record.Sha256
        && TryParse(root.StashedApiServerManifest) is { } manifest && ManifestComparison.Of(manifest, present).Other.Count == 0;

    private ApiServerManifest? TryParse(string path)
    {
        try
        {
            return ApiServerManifest.Parse(File.ReadAllBytes(path), root.Name(path));
        }
        catch (AgentFault)
        {
            return null; // what cannot be read cannot be compared
        }
    }
}
