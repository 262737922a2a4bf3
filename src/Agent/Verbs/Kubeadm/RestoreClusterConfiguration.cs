using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Puts the etcd of kubeadm-config back to what it was before A5.</summary>
internal sealed class RestoreClusterConfiguration(LiveConfiguration configuration, ConfigurationMerge merge, ConfigurationUpload upload, ClusterConfigRecords records)
    : IRecover<RestoreClusterConfigurationRequest, RestoreClusterConfigurationResponse>
{
    public async Task<RestoreClusterConfigurationResponse> RunAsync(RestoreClusterConfigurationRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var live = await configuration.ReadAsync(cancellationToken);
        if (records.Read() is not { } record)
        {
            return live.Mode == GetClusterConfigurationResponse.Types.EtcdMode.Local
                ? new() { Change = Changes.None("kubeadm-config has local etcd, and nothing was recorded"), Before = live.Text, After = live.Text }
                : throw new AgentFault(FaultReason.NothingToUndo, "kubeadm-config has external etcd, and this agent has no record of what it was before; expected the leader that uploaded it. Run it on that node, or upload the old ClusterConfiguration by 'kubeadm init phase upload-config kubeadm' by hand.");
        }

        var before = ClusterConfiguration.Parse(record.Before);
        if (IsBack(live, before))
        {
            records.Retire();
            return new() { Change = Changes.None("kubeadm-config is as it was"), Before = live.Text, After = live.Text };
        }

        var after = await upload.RunAsync(live, await merge.MergeBackAsync(live, before, cancellationToken), cancellationToken);
        records.Retire();
        return new() { Change = Changes.Made("kubeadm-config has the etcd that it had before"), Before = live.Text, After = after.Text };
    }

    /// <inheritdoc/>
    /// <remarks>Finished: kubeadm may have written the object; it is read first.</remarks>
    public Task<RestoreClusterConfigurationResponse?> RecoverAsync(RestoreClusterConfigurationRequest request, CancellationToken cancellationToken) => this.FinishAsync(request, cancellationToken);

    /// <summary>kubeadm writes out what was left to it: of an etcd that was not written at all, its data dir.</summary>
    private static bool IsBack(ClusterConfiguration live, ClusterConfiguration before) =>
        live.Mode == before.Mode && live.ApiVersion == before.ApiVersion && YamlDifference.Losses(before.Root.Items.GetValueOrDefault("etcd"), live.Root.Items.GetValueOrDefault("etcd")).Count == 0;
}
