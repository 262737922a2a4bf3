using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Manifests;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.Restores;

/// <summary>Takes the control plane's manifests out of the kubelet's sight: nobody may write to etcd, and nobody keep what it said (FACTS 24).</summary>
internal sealed class StopControlPlane(HostRoot root, ControlPlaneManifests manifests, LocalMember local, Ownership ownership, RestoreRecords records) : IRecover<StopControlPlaneRequest, StopControlPlaneResponse>
{
    public async Task<StopControlPlaneResponse> RunAsync(StopControlPlaneRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var record = records.Get(request.Sha256);
        var found = ControlPlaneManifests.Programs.Select(program => (Program: program, InUse: Native.Stat(manifests.InUse(program)), Stashed: Native.Stat(manifests.Stashed(program)))).ToList();
        Ensure(found);
        var moving = found.Where(manifest => manifest.InUse is not null).Select(manifest => manifest.Program).ToList();
        if (moving.Count > 0)
        {
            ownership.EnsureFolder(root.Stash, OwnerAndMode.RootOnly);
            ownership.EnsureFolder(manifests.Stash, OwnerAndMode.RootOnly);
            records.Write(record with { Stashed = Stashed(record, moving), Worked = record.Worked ?? await WorksAsync(cancellationToken) });
        }

        foreach (var program in moving)
        {
            AtomicFile.Rename(manifests.InUse(program), manifests.Stashed(program), noLink: true);
        }

        return new()
        {
            Change = moving.Count > 0 ? Changes.Made($"moved {string.Join(", ", moving)} out of the kubelet's sight") : Changes.None("the control plane's manifests are stashed"),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Never begun now: nobody waits for it. One that was begun is finished, so that the three are stopped together or not at all.</remarks>
    public async Task<StopControlPlaneResponse?> RecoverAsync(StopControlPlaneRequest request, CancellationToken cancellationToken) =>
        ControlPlaneManifests.Programs.Any(program => Native.Stat(manifests.Stashed(program)) is not null) ? await this.FinishAsync(request, cancellationToken) : null;

    /// <summary>Asked now, while no member is stopped for the restore: on the way back those are started whose others make a quorum with them.</summary>
    private async Task<bool> WorksAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var member = local.Open();
            return await member.StatusAsync(cancellationToken) is { LeaderId: not 0 };
        }
        catch (EtcdCallException)
        {
            return false;
        }
    }

    private Dictionary<string, StashRecord> Stashed(RestoreRecord record, List<string> moving)
    {
        var stashed = record.Stashed.ToDictionary(StringComparer.Ordinal);
        foreach (var program in moving)
        {
            var path = manifests.InUse(program);
            stashed[program] = new() { Sha256 = Digest.Of(File.ReadAllBytes(path)), Owner = OwnerAndMode.From(ownership.Of(path)) };
        }

        return stashed;
    }

    private void Ensure(List<(string Program, FileStatus? InUse, FileStatus? Stashed)> found)
    {
        if (found.FirstOrDefault(manifest => manifest is { InUse: not null, Stashed: not null }) is { Program: { } twice })
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(manifests.InUse(twice))} and {root.Name(manifests.Stashed(twice))} both exist, expected one of them. Compare them, and set the wrong one aside by hand.");
        }

        if (found.FirstOrDefault(manifest => manifest.InUse is { IsRegular: false }) is { Program: { } link })
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(manifests.InUse(link))} is a link or a folder, expected a file of its own. Put the manifest itself there.");
        }

        if (found[0] is { InUse: null, Stashed: null })
        {
            throw new AgentFault(FaultReason.ManifestMissing, $"{root.Name(manifests.InUse(found[0].Program))} does not exist and is not stashed, expected kube-apiserver's static Pod: what cannot be stopped would write into the restored data. Check that this is a control-plane node of kubeadm's.");
        }
    }
}
