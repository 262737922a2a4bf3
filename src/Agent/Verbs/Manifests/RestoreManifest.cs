using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Units;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>Gives etcd's manifest back to the kubelet (R1).</summary>
internal sealed class RestoreManifest(HostRoot root, IEtcdManifests manifests, ISystemd systemd, Ownership ownership, StashRecords records)
    : IRecover<RestoreManifestRequest, RestoreManifestResponse>
{
    public async Task<RestoreManifestResponse> RunAsync(RestoreManifestRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);

        // Bytes and place alone: what cannot be parsed any more can still be put back.
        switch (manifests.Place())
        {
            case StaticPod.Types.Place.InUse:
                // Also after a crash between the rename and the next line: the record has no stash any more.
                records.Retire();
                return new() { Change = Changes.None("the manifest is in use"), Restored = Digest.TryOf(root, root.EtcdManifest) };
            case StaticPod.Types.Place.Both:
                throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.EtcdManifest)} and {root.Name(root.StashedEtcdManifest)} both exist; expected one of them. Compare them, and set the wrong one aside by hand.");
            case StaticPod.Types.Place.Unspecified:
                throw new AgentFault(FaultReason.ManifestMissing, $"there is neither {root.Name(root.StashedEtcdManifest)} nor {root.Name(root.EtcdManifest)}; expected the manifest that was stashed. Put a copy of it into the stash by hand.");
        }

        await systemd.EnsureStoppedAsync("two etcds on one data dir must never be", cancellationToken);

        var stashed = Digest.TryOf(root, root.StashedEtcdManifest)
            ?? throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(root.StashedEtcdManifest)} is not a regular file, expected the manifest that was stashed. Look at it by hand.");
        if (records.Read() is { } record)
        {
            if (record.Sha256 != stashed.Sha256)
            {
                throw new AgentFault(FaultReason.ManifestChanged, $"{stashed.Path} has SHA-256 {stashed.Sha256}, expected {record.Sha256} as it was stashed: it was changed since. Put the right bytes there by hand, or move it to {root.Name(root.EtcdManifest)} yourself.");
            }

            ownership.Set(root.StashedEtcdManifest, record.Owner);
        }

        AtomicFile.Rename(root.StashedEtcdManifest, root.EtcdManifest, noLink: true);
        records.Retire();

        var restored = new FileDigest { Path = root.Name(root.EtcdManifest), Sha256 = stashed.Sha256, Size = stashed.Size };
        return new() { Change = Changes.Made($"moved {stashed.Path} to {restored.Path}"), Restored = restored };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: it brings a member back, and refuses beside a running etcd.service as ever.</remarks>
    public Task<RestoreManifestResponse?> RecoverAsync(RestoreManifestRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);
}
