using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The live ClusterConfiguration with external etcd, in the API version of this kubeadm, and accepted by it (D8, IR-1).</summary>
internal sealed class ConfigurationMerge(KubeadmProgram kubeadm, ScratchFolders scratch)
{
    private const string Newest = "kubeadm.k8s.io/v1beta4";

    /// <summary>From this minor on, kubeadm keeps the endpoints a second time as httpEndpoints (FACTS 16).</summary>
    private const int HttpEndpointsSince = 35;

    /// <summary>What is to be uploaded.</summary>
    /// <exception cref="AgentFault">CONFIG_UNREADABLE: it cannot be merged without a loss. PROGRAM_FAILED: kubeadm refuses it; VERSION_MISMATCH.</exception>
    public async Task<ClusterConfiguration> MergeAsync(ClusterConfiguration live, ExternalEtcd external, CancellationToken cancellationToken)
    {
        var version = await EnsureSameMinorAsync(live, cancellationToken);
        using var folder = scratch.Create();
        var newest = live.ApiVersion == Newest || version.Minor < 31 ? live : await MigrateAsync(live, folder, cancellationToken);
        var merged = newest.IsExternal(external.Endpoints) ? newest : newest.WithExternalEtcd(external.Endpoints, version.Minor >= HttpEndpointsSince);
        await kubeadm.RunCheckedAsync(KubeadmCommand.Validate, folder, folder.Write("merged.yaml", merged.Text), cancellationToken);
        return merged;
    }

    /// <summary>kubeadm writes manifests and configurations of its own minor: another one than the cluster's would change more than etcd.</summary>
    /// <exception cref="AgentFault">VERSION_MISMATCH; CONFIG_UNREADABLE without a version.</exception>
    public async Task<KubernetesVersion> EnsureSameMinorAsync(ClusterConfiguration live, CancellationToken cancellationToken)
    {
        var own = await kubeadm.VersionAsync(cancellationToken);
        if (!KubernetesVersion.TryParse(live.KubernetesVersion, out var cluster))
        {
            throw new AgentFault(FaultReason.ConfigUnreadable, $"kubernetesVersion is '{live.KubernetesVersion}', expected a version such as {own}: without one kubeadm would look it up online (FACTS 20).");
        }

        return own.SameMinor(cluster) ? own
            : throw new AgentFault(FaultReason.VersionMismatch, $"kubeadm on this node is {own}, the cluster is {cluster}; expected the same minor, because kubeadm writes what its own version would. Install kubeadm {cluster.Major}.{cluster.Minor}, or finish the upgrade first.");
    }

    private async Task<ClusterConfiguration> MigrateAsync(ClusterConfiguration live, ScratchFolder folder, CancellationToken cancellationToken)
    {
        var old = folder.Write("old.yaml", live.Text);
        await kubeadm.RunCheckedAsync(KubeadmCommand.MigrateConfig, folder, old, cancellationToken);

        // 'config migrate' writes an InitConfiguration as well, with what it guesses of this node: only the cluster's part is ours.
        var documents = (await File.ReadAllTextAsync($"{old}.new", cancellationToken)).Split("\n---\n").Select(document => document.StartsWith("---\n", StringComparison.Ordinal) ? document[4..] : document);
        return ClusterConfiguration.Parse(documents.FirstOrDefault(document => document.Contains("\nkind: ClusterConfiguration", StringComparison.Ordinal) || document.StartsWith("kind: ClusterConfiguration", StringComparison.Ordinal))
            ?? throw new AgentFault(FaultReason.ConfigUnreadable, "kubeadm config migrate wrote no ClusterConfiguration, expected one. Look at kubeadm."));
    }
}
