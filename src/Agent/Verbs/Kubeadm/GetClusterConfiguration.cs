using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Reads the live ClusterConfiguration, and says what it would be with external etcd (A4). It changes nothing.</summary>
internal sealed class GetClusterConfiguration(HostRoot root, LiveConfiguration configuration, ConfigurationMerge merge, KubeadmProgram kubeadm)
    : IVerb<GetClusterConfigurationRequest, GetClusterConfigurationResponse>
{
    public async Task<GetClusterConfigurationResponse> RunAsync(GetClusterConfigurationRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        var external = request.External is null ? null : ValidateExternal.Endpoints(request.External);
        var live = await configuration.ReadAsync(cancellationToken);
        var response = new GetClusterConfigurationResponse
        {
            Live = live.Text,
            LiveSha256 = TextDigest.Of(live.Text),
            Mode = live.Mode,
            Endpoints = { live.Endpoints },
            KubernetesVersion = live.KubernetesVersion,
            ApiVersion = live.ApiVersion,
            HasAdminConf = File.Exists(root.AdminConf),
            KubeadmVersion = await KubeadmVersionAsync(cancellationToken),
        };
        if (external is not null)
        {
            await MergeAsync(live, external, response, cancellationToken);
        }

        return response;
    }

    /// <summary>All the reasons against an upload, so that one reading tells what has to be put right.</summary>
    private async Task MergeAsync(ClusterConfiguration live, ExternalEtcd external, GetClusterConfigurationResponse response, CancellationToken cancellationToken)
    {
        try
        {
            _ = KubeAccess.FromAdminConf(root);
        }
        catch (AgentFault unusable)
        {
            response.Problems.Add(unusable.Message);
        }

        try
        {
            var merged = await merge.MergeAsync(live, external, cancellationToken);
            response.Merged = merged.Text;
            response.MergedSha256 = TextDigest.Of(merged.Text);
        }
        catch (AgentFault refused)
        {
            response.Problems.Add(refused.Message);
        }
    }

    private async Task<string> KubeadmVersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await kubeadm.VersionAsync(cancellationToken)).Text;
        }
        catch (AgentFault)
        {
            return ""; // an upload says so itself
        }
    }
}
