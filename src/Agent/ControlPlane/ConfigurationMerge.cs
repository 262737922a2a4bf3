using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The live ClusterConfiguration with external etcd, in the API version of this kubeadm, and accepted by it (D8, IR-1).</summary>
internal sealed class ConfigurationMerge(KubeadmProgram kubeadm, ConfigurationPreview preview)
{
    private const string Newest = "kubeadm.k8s.io/v1beta4";

    /// <summary>The first minor whose kubeadm writes <see cref="Newest"/>.</summary>
    private const int NewestSince = 31;

    /// <summary>From this minor on, kubeadm keeps the endpoints a second time as httpEndpoints (FACTS 16).</summary>
    private const int HttpEndpointsSince = 35;

    /// <summary>What is to be uploaded.</summary>
    /// <exception cref="AgentFault">CONFIG_UNREADABLE: it cannot be merged without a loss. PROGRAM_FAILED: kubeadm refuses it; VERSION_MISMATCH.</exception>
    public async Task<ClusterConfiguration> MergeAsync(ClusterConfiguration live, ExternalEtcd external, CancellationToken cancellationToken)
    {
        var version = await EnsureSameMinorAsync(live, cancellationToken);
        var newest = live.ApiVersion == Newest || version.Minor < NewestSince ? live : await preview.OfAsync(live, cancellationToken);
        var merged = newest.IsExternal(external.Endpoints) ? newest : newest.WithExternalEtcd(external.Endpoints, version.Minor >= HttpEndpointsSince);
        _ = await preview.OfAsync(merged, cancellationToken);
        return merged;
    }

    /// <summary>The live ClusterConfiguration with the etcd that an older one had.</summary>
    /// <exception cref="AgentFault">As <see cref="MergeAsync"/>.</exception>
    public async Task<ClusterConfiguration> MergeBackAsync(ClusterConfiguration live, ClusterConfiguration before, CancellationToken cancellationToken)
    {
        _ = await EnsureSameMinorAsync(live, cancellationToken);
        // The upload may have brought a newer API version, in which the older one's lines would mean nothing.
        return live.WithEtcdOf(before.ApiVersion == live.ApiVersion ? before : await preview.OfAsync(before, cancellationToken));
    }

    /// <summary>kubeadm writes manifests and configurations of its own minor: another one than the cluster's would change more than etcd.</summary>
    private async Task<KubernetesVersion> EnsureSameMinorAsync(ClusterConfiguration live, CancellationToken cancellationToken)
    {
        var own = await kubeadm.VersionAsync(cancellationToken);
        if (!KubernetesVersion.TryParse(live.KubernetesVersion, out var cluster))
        {
            throw new AgentFault(FaultReason.ConfigUnreadable, $"kubernetesVersion is '{live.KubernetesVersion}', expected a version such as {own}: without one kubeadm would look it up online (FACTS 20).");
        }

        return own.SameMinor(cluster) ? own
            : throw new AgentFault(FaultReason.VersionMismatch, $"kubeadm on this node is {own}, the cluster is {cluster}; expected the same minor, because kubeadm writes what its own version would. Install kubeadm {cluster.Major}.{cluster.Minor}, or finish the upgrade first.");
    }
}
