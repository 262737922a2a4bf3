using System.Text;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Kubeadm;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Lets kubeadm write the apiserver's manifest anew, once it is sure that nothing but etcd's flags changes (A6, D10).</summary>
internal sealed class RegenerateApiServer(HostRoot root, ApiServerDryRun dryRun, ApiServerManifests manifests, KubeadmProgram kubeadm, ScratchFolders scratch, Ownership ownership, ApiServerRecords records)
    : IVerb<RegenerateApiServerRequest, RegenerateApiServerResponse>
{
    public async Task<RegenerateApiServerResponse> RunAsync(RegenerateApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var rendered = await dryRun.RunAsync(ValidateExternal.Endpoints(request.External), request.Patches, cancellationToken);
        var present = rendered.Present;
        if (rendered.Comparison.Same)
        {
            return new() { Change = Changes.None("the apiserver's manifest says so already"), Kept = manifests.Kept, Manifest = Digest.TryOf(root, root.ApiServerManifest), Before = present.Text, After = present.Text };
        }

        if (rendered.Comparison.Other is { Count: > 0 } lost)
        {
            throw new AgentFault(FaultReason.ApiserverDrift, $"the regenerated manifest would change more than etcd's flags: {string.Join("; ", lost)}. Expected the present one as kubeadm would write it. Put the difference into the ClusterConfiguration (extraArgs, extraVolumes, certSANs) or into kubeadm's patches, and name those (kubeadm_patches_dir). Nothing was changed.");
        }

        if (request.ExpectedSha256.Length > 0 && request.ExpectedSha256 != present.Sha256)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.ApiServerManifest)} has SHA-256 {present.Sha256}, expected {request.ExpectedSha256}: it was changed after the checks. Start the run again.");
        }

        Keep(present);
        using (var folder = scratch.Create())
        {
            await kubeadm.RunCheckedAsync(KubeadmCommand.ApiServer, folder, folder.Write("kubeadm.yaml", rendered.Configuration), cancellationToken);
        }

        var now = manifests.Get();
        if (!ManifestComparison.Of(now.Manifest, ApiServerManifest.Parse(rendered.Text, "kubeadm's dry run")).Same)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.ApiServerManifest)} is not what kubeadm's dry run had written, expected the same. Put the kept one back (RestoreApiServer).");
        }

        return new()
        {
            Change = Changes.Made($"kubeadm wrote {root.Name(root.ApiServerManifest)}: {string.Join("; ", rendered.Comparison.Etcd)}"),
            Kept = manifests.Kept,
            Manifest = Digest.TryOf(root, root.ApiServerManifest),
            Before = present.Text,
            After = now.Text,
        };
    }

    /// <summary>What a rollback wants is the manifest with stacked etcd: one that is kept already is not written over by a later one.</summary>
    private void Keep(FoundApiServer present)
    {
        if (records.Read() is not null && manifests.Kept is not null)
        {
            return;
        }

        var owner = OwnerAndMode.From(ownership.Of(root.ApiServerManifest));
        ownership.EnsureFolder(root.Stash, OwnerAndMode.RootOnly);
        AtomicFile.Write(root.StashedApiServerManifest, Encoding.UTF8.GetBytes(present.Text), owner.Permissions, (owner.User, owner.Group));
        records.Write(new(present.Sha256, owner));
    }
}
