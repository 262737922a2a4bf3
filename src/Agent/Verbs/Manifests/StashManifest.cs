using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Members;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Manifests;

/// <summary>Moves etcd's manifest out of the kubelet's sight (A3).</summary>
internal sealed class StashManifest(HostRoot root, IEtcdManifests manifests, ISystemd systemd, IQuorumGuard quorum, Ownership ownership, StashRecords records)
    : IRecover<StashManifestRequest, StashManifestResponse>
{
    public async Task<StashManifestResponse> RunAsync(StashManifestRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        Validate.Component(request.Component);

        var place = manifests.Place();
        if (place == StaticPod.Types.Place.Both)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.EtcdManifest)} and {root.Name(root.StashedEtcdManifest)} both exist; expected one of them. Compare them, and set the wrong one aside by hand.");
        }

        var found = manifests.Get();
        if (request.ExpectedSha256.Length > 0 && request.ExpectedSha256 != found.Sha256)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(found.Path)} has SHA-256 {found.Sha256}, expected {request.ExpectedSha256}: it was changed after the checks. Start the run again.");
        }

        var owner = ownership.Of(found.Path);
        var stashed = new FileDigest { Path = root.Name(root.StashedEtcdManifest), Sha256 = found.Sha256, Size = (ulong)found.Content.Length };
        if (place == StaticPod.Types.Place.Stashed)
        {
            return new() { Change = Changes.None("the manifest is already stashed"), Stashed = stashed, Owner = owner };
        }

        var unit = await systemd.ShowAsync("etcd.service", cancellationToken);
        if (unit.LoadState != "loaded" || !unit.Stopped)
        {
            throw new AgentFault(FaultReason.UnitRunning, $"etcd.service is {unit.LoadState} and {unit.ActiveState}, expected loaded and inactive: install it first, and never beside a running static Pod.");
        }

        await quorum.EnsureMayStopAsync(request.AcceptDowntime, cancellationToken);

        ownership.EnsureFolder(root.Stash, OwnerAndMode.RootOnly);
        records.Write(new StashRecord { Sha256 = found.Sha256, Owner = OwnerAndMode.From(owner) });
        AtomicFile.Rename(root.EtcdManifest, root.StashedEtcdManifest, noLink: true);
        return new() { Change = Changes.Made($"moved {root.Name(root.EtcdManifest)} to {stashed.Path}"), Stashed = stashed, Owner = owner };
    }

    /// <inheritdoc/>
    /// <remarks>Looked at: the change is one rename. It is never done now: it would take a member down that nobody waits for.</remarks>
    public Task<StashManifestResponse?> RecoverAsync(StashManifestRequest request, CancellationToken cancellationToken)
    {
        switch (manifests.Place())
        {
            case StaticPod.Types.Place.InUse:
                return Task.FromResult<StashManifestResponse?>(null);
            case StaticPod.Types.Place.Stashed:
                var stashed = Digest.TryOf(root, root.StashedEtcdManifest);
                return Task.FromResult<StashManifestResponse?>(new() { Change = Changes.Made($"moved {root.Name(root.EtcdManifest)} to {root.Name(root.StashedEtcdManifest)}"), Stashed = stashed, Owner = ownership.Of(root.StashedEtcdManifest) });
            default:
                throw new AgentFault(FaultReason.ManifestChanged, $"the manifest is in both places or in none: {root.Name(root.EtcdManifest)}, {root.Name(root.StashedEtcdManifest)}; expected it in one. Look at them by hand.");
        }
    }
}
