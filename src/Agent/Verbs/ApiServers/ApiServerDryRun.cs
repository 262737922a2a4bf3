using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.ApiServers;

/// <summary>What kubeadm would write as this node's apiserver manifest, beside what is in use.</summary>
internal sealed class ApiServerDryRun(ApiServerManifests manifests, LiveConfiguration configuration, ConfigurationMerge merge, NodeConfiguration node, KubeadmProgram kubeadm, ScratchFolders scratch)
{
    private const string Written = "kube-apiserver.yaml";
    private const string Servers = "--etcd-servers";

    /// <summary>Lets kubeadm write into a scratch folder.</summary>
    public async Task<Rendered> RunAsync(ExternalEtcd external, string patches, CancellationToken cancellationToken)
    {
        var present = manifests.Get();
        var live = await configuration.ReadAsync(cancellationToken);
        var text = node.With(await merge.MergeAsync(live, external, cancellationToken), present.Manifest, patches);

        using var folder = scratch.Create();
        var file = folder.Write("kubeadm.yaml", text);
        await kubeadm.RunCheckedAsync(new(KubeadmCommand.ApiServerDryRun, folder) { Configuration = file, Environment = present.Manifest.Proxies }, cancellationToken);

        // Older releases of kubeadm make a folder of their own in the one that they are given.
        var rendered = Directory.Exists(folder.DryRun) && Directory.EnumerateFiles(folder.DryRun, Written, SearchOption.AllDirectories).FirstOrDefault() is { } found
            ? await File.ReadAllTextAsync(found, cancellationToken)
            : throw new AgentFault(FaultReason.ProgramFailed, $"kubeadm's dry run wrote no {Written} into its KUBEADM_INIT_DRYRUN_DIR, expected one. Look at what this kubeadm does with --dry-run.");
        return new(present, rendered, text, Compare(present.Manifest, ApiServerManifest.Parse(rendered, "kubeadm's dry run"), string.Join(',', external.Endpoints)));
    }

    /// <summary>A manifest without the endpoints is no result, however little would change: extraArgs and patches can overrule kubeadm.</summary>
    private static ManifestComparison Compare(ApiServerManifest before, ApiServerManifest after, string endpoints)
    {
        var comparison = ManifestComparison.Of(before, after);
        if (ApiServerManifest.Value(after.Command, Servers) is var servers && servers != endpoints)
        {
            comparison.Other.Add($"{Servers} would be {servers}, expected {endpoints}: apiServer.extraArgs or a patch sets it, take it out of there");
        }

        return comparison;
    }
}

/// <summary>A dry run's result.</summary>
/// <param name="Present">In use.</param>
/// <param name="Text">What kubeadm would write.</param>
/// <param name="Configuration">What kubeadm was told.</param>
/// <param name="Comparison">What differs.</param>
internal sealed record Rendered(FoundApiServer Present, string Text, string Configuration, ManifestComparison Comparison);
