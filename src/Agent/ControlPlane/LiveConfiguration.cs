using System.Text.Json;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>The ClusterConfiguration of kube-system/kubeadm-config, read through the Kubernetes API.</summary>
internal sealed class LiveConfiguration(HostRoot root, IKubernetesApi api)
{
    private const string Path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>As it is now.</summary>
    /// <exception cref="AgentFault">API_UNREACHABLE, CONFIG_UNREADABLE; ADMIN_CONF_MISSING where there is neither that nor a kubelet.conf.</exception>
    public async Task<ClusterConfiguration> ReadAsync(CancellationToken cancellationToken)
    {
        // admin.conf is what kubeadm itself uses; a control-plane node that has lost it may still read this one object as a node.
        var access = File.Exists(root.AdminConf) ? KubeAccess.FromAdminConf(root) : KubeAccess.FromKubeletConf(root);
        var answer = await api.GetAsync(access, Path, Timeout, cancellationToken);
        return answer.Ok
            ? ClusterConfiguration.Parse(TextOf(answer.Body))
            : throw new AgentFault(FaultReason.ApiUnreachable, $"{access.Server} answered {answer.Status} for kube-system/kubeadm-config to {access.Name}, expected the ConfigMap that kubeadm keeps. {(answer.Status == 404 ? "A cluster without it was not made by kubeadm." : "Look at the apiserver's log.")}");
    }

    private static string TextOf(string body)
    {
        try
        {
            using var map = JsonDocument.Parse(body);
            return map.RootElement.GetProperty("data").GetProperty("ClusterConfiguration").GetString() ?? throw new FormatException("it is null");
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new AgentFault(FaultReason.ConfigUnreadable, $"kube-system/kubeadm-config has no ClusterConfiguration that can be read: {problem.Message}. Expected kubeadm's own.", problem);
        }
    }
}
