using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>What kubeadm would write as this node's apiserver manifest, beside what is in use.</summary>
internal sealed class ApiServerDryRun(ApiServerManifests manifests, LiveConfiguration configuration, ConfigurationMerge merge, NodeConfiguration node, KubeadmProgram kubeadm, ScratchFolders scratch)
{
    private const string Written = "kube-apiserver.yaml";

    /// <summary>Lets kubeadm write into a scratch folder.</summary>
    public async Task<Rendered> RunAsync(ExternalEtcd external, string patches, CancellationToken cancellationToken)
    {
        var present = manifests.Get();
        var live = await configuration.ReadAsync(cancellationToken);
        var text = node.With(await merge.MergeAsync(live, external, cancellationToken), present.Manifest, patches);

        using var folder = scratch.Create();
        await kubeadm.RunCheckedAsync(KubeadmCommand.ApiServerDryRun, folder, folder.Write("kubeadm.yaml", text), cancellationToken);
        var file = Directory.EnumerateFiles(folder.Path, Written, SearchOption.AllDirectories).FirstOrDefault()
            ?? throw new AgentFault(FaultReason.ProgramFailed, $"kubeadm's dry run wrote no {Written} into its KUBEADM_INIT_DRYRUN_DIR, expected one. Look at what this kubeadm does with --dry-run.");
        var rendered = await File.ReadAllTextAsync(file, cancellationToken);
        return new(present, rendered, text, ManifestComparison.Of(present.Manifest, ApiServerManifest.Parse(rendered, "kubeadm's dry run")));
    }
}

/// <summary>A dry run's result.</summary>
/// <param name="Present">In use.</param>
/// <param name="Text">What kubeadm would write.</param>
/// <param name="Configuration">What kubeadm was told.</param>
/// <param name="Comparison">What differs.</param>
internal sealed record Rendered(FoundApiServer Present, string Text, string Configuration, ManifestComparison Comparison);
