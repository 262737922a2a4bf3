using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Lets kubeadm replace the live ClusterConfiguration, and looks at what came of it (D4, FACTS 12).</summary>
internal sealed class ConfigurationUpload(HostRoot root, LiveConfiguration configuration, ApiServerManifests manifests, NodeConfiguration node, KubeadmProgram kubeadm, ScratchFolders scratch)
{
    /// <summary>Uploads, and reads back.</summary>
    /// <returns>The live object as it is then.</returns>
    /// <exception cref="AgentFault">ADMIN_CONF_MISSING; PROGRAM_FAILED; CONFIG_CHANGED when the object is not what was uploaded.</exception>
    public async Task<ClusterConfiguration> RunAsync(ClusterConfiguration wanted, CancellationToken cancellationToken)
    {
        _ = KubeAccess.FromAdminConf(root);
        using var folder = scratch.Create();
        // With this node's part: without it kubeadm refuses to guess an address on a machine that has no default route.
        var file = folder.Write("kubeadm.yaml", node.With(wanted, manifests.Get().Manifest, patches: ""));
        await kubeadm.RunCheckedAsync(KubeadmCommand.Validate, folder, file, cancellationToken);
        await kubeadm.RunCheckedAsync(KubeadmCommand.UploadConfig, folder, file, cancellationToken);

        var after = await configuration.ReadAsync(cancellationToken);
        string[] wrong = [.. wanted.DifferencesBesideEtcd(after), .. after.Mode == wanted.Mode && after.Endpoints.SequenceEqual(wanted.Endpoints) ? Array.Empty<string>() : [$"etcd is {after.Mode} at {string.Join(",", after.Endpoints)}"]];
        return wrong.Length == 0 ? after
            : throw new AgentFault(FaultReason.ConfigChanged, $"after upload-config the ClusterConfiguration is not what was uploaded: {string.Join("; ", wrong)}. Somebody else may have written it at the same time; it is put back by RestoreClusterConfiguration.");
    }
}
