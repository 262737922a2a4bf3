using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Kubeadm;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>Lets kubeadm write the apiserver's manifest anew, once it is sure that nothing but etcd's flags changes (A6, D10).</summary>
internal sealed class RegenerateApiServer(HostRoot root, ApiServerDryRun dryRun, ApiServerManifests manifests, KubeadmProgram kubeadm, ScratchFolders scratch, KeptApiServer keeper)
    : IRecover<RegenerateApiServerRequest, RegenerateApiServerResponse>
{
    public async Task<RegenerateApiServerResponse> RunAsync(RegenerateApiServerRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var rendered = await dryRun.RunAsync(ValidateExternal.Endpoints(request.External), request.Patches, cancellationToken);
        var present = rendered.Present;
        if (rendered.Comparison.Same)
        {
            return new() { Change = Changes.None("the apiserver's manifest says so already"), Kept = manifests.Kept, Manifest = manifests.InUse, Before = present.Text, After = present.Text };
        }

        if (rendered.Comparison.Other is { Count: > 0 } lost)
        {
            throw new AgentFault(FaultReason.ApiserverDrift, $"the regenerated manifest would change more than etcd's flags: {string.Join("; ", lost)}. Expected the present one as kubeadm would write it. Put the difference into the ClusterConfiguration (extraArgs, extraEnvs, extraVolumes, certSANs) or into kubeadm's patches, and name those (kubeadm_patches_dir). Nothing was changed.");
        }

        EnsureExpected(request.ExpectedSha256.Length > 0 ? request.ExpectedSha256 : present.Sha256, present.Sha256);
        EnsureExpected(present.Sha256, manifests.Get().Sha256); // the dry run took its time
        keeper.Keep(present);
        await WriteAsync(rendered, cancellationToken);

        var now = manifests.Get();
        if (!ManifestComparison.Of(now.Manifest, ApiServerManifest.Parse(rendered.Text, "kubeadm's dry run")).Same)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.ApiServerManifest)} is not what kubeadm's dry run had written, expected the same. Put the kept one back (RestoreApiServer).");
        }

        return new()
        {
            Change = Changes.Made($"kubeadm wrote {root.Name(root.ApiServerManifest)}: {string.Join("; ", rendered.Comparison.Etcd)}"),
            Kept = manifests.Kept,
            Manifest = manifests.InUse,
            Before = present.Text,
            After = now.Text,
        };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: kubeadm writes the manifest in place, and half of one is no apiserver.</remarks>
    public Task<RegenerateApiServerResponse?> RecoverAsync(RegenerateApiServerRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    /// <summary>kubeadm writes in place: also one that failed or was ended may have left something.</summary>
    private async Task WriteAsync(Rendered rendered, CancellationToken cancellationToken)
    {
        using var folder = scratch.Create();
        try
        {
            await kubeadm.RunCheckedAsync(new(KubeadmCommand.ApiServer, folder) { Configuration = folder.Write("kubeadm.yaml", rendered.Configuration), Environment = rendered.Present.Manifest.Proxies }, cancellationToken);
        }
        finally
        {
            keeper.NoteWritten();
        }
    }

    private void EnsureExpected(string expected, string found)
    {
        if (expected != found)
        {
            throw new AgentFault(FaultReason.ManifestChanged, $"{root.Name(root.ApiServerManifest)} has SHA-256 {found}, expected {expected}: it was changed after the checks. Start the run again.");
        }
    }
}
