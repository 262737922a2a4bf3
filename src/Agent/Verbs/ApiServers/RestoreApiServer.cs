using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Puts the apiserver's manifest back that RegenerateApiServer kept.</summary>
internal sealed class RestoreApiServer(HostRoot root, ApiServerManifests manifests, ApiServerRecords records, KeptApiServer keeper) : IRecover<RestoreApiServerRequest, RestoreApiServerResponse>
{
    public async Task<RestoreApiServerResponse> RunAsync(RestoreApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        if (records.Read() is not { } record)
        {
            return new() { Change = Changes.None("no manifest was kept"), Restored = manifests.InUse };
        }

        if (manifests.Kept is not { } kept)
        {
            return IsInUse(record)
                ? Done(Changes.None("the kept manifest is in use"))
                : throw new AgentFault(FaultReason.ManifestMissing, $"{root.Name(root.StashedApiServerManifest)} does not exist, expected the manifest that was kept. Put a copy of it there by hand.");
        }

        if (kept.Sha256 != record.Sha256)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{kept.Path} has SHA-256 {kept.Sha256}, expected {record.Sha256} as it was kept: it was changed since. Put the right bytes there by hand.");
        }

        keeper.EnsureNothingElseChanged(record);
        var change = Changes.None("the kept manifest is in use");
        if (!IsInUse(record))
        {
            keeper.SetAsideInUse(record);
            AtomicFile.Write(root.ApiServerManifest, await File.ReadAllBytesAsync(root.StashedApiServerManifest, cancellationToken), record.Owner.Permissions, (record.Owner.User, record.Owner.Group), noLink: true);
            change = Changes.Made($"put {root.Name(root.ApiServerManifest)} back as it was");
        }

        File.Delete(root.StashedApiServerManifest); // a copy of our own, in use again under its own name
        return Done(change);
    }

    /// <inheritdoc/>
    /// <remarks>Finished: an apiserver without its manifest is down.</remarks>
    public Task<RestoreApiServerResponse?> RecoverAsync(RestoreApiServerRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    private bool IsInUse(ApiServerRecord record) => manifests.InUse?.Sha256 == record.Sha256 && Native.Stat(root.ApiServerManifest)?.Owner == record.Owner;

    private RestoreApiServerResponse Done(Change change)
    {
        records.Retire();
        return new() { Change = change, Restored = manifests.InUse };
    }
}
