using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Makes kubeadm-config refer to external etcd (A5).</summary>
internal sealed class UploadClusterConfiguration(HostRoot root, LiveConfiguration configuration, ConfigurationMerge merge, ConfigurationUpload upload, ClusterConfigRecords records)
    : IRecover<UploadClusterConfigurationRequest, UploadClusterConfigurationResponse>
{
    public async Task<UploadClusterConfigurationResponse> RunAsync(UploadClusterConfigurationRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var external = ValidateExternal.Endpoints(request.External);
        _ = KubeAccess.FromAdminConf(root);
        var live = await configuration.ReadAsync(cancellationToken);
        if (live.IsExternal(external.Endpoints))
        {
            return new() { Change = Changes.None("kubeadm-config refers to these endpoints already"), Before = live.Text, After = live.Text };
        }

        var found = TextDigest.Of(live.Text);
        if (request.ExpectedSha256.Length > 0 && request.ExpectedSha256 != found)
        {
            throw new AgentFault(FaultReason.ConfigChanged, $"the live ClusterConfiguration has SHA-256 {found}, expected {request.ExpectedSha256}: somebody changed it after the checks. Start the run again.");
        }

        var merged = await merge.MergeAsync(live, external, cancellationToken);
        if (live.Mode == GetClusterConfigurationResponse.Types.EtcdMode.Local || records.Read() is null)
        {
            records.Write(new(live.Text, found)); // what a rollback wants is the stacked one, not an earlier external one
        }

        var after = await upload.RunAsync(live, merged, cancellationToken);
        return new() { Change = Changes.Made("kubeadm-config refers to external etcd; nothing else in it was changed"), Before = live.Text, After = after.Text };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: kubeadm may have written the object; it is read first.</remarks>
    public Task<UploadClusterConfigurationResponse?> RecoverAsync(UploadClusterConfigurationRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);
}
