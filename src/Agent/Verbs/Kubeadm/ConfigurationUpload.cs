using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Lets kubeadm replace the live ClusterConfiguration, and looks at what came of it (D4, FACTS 12).</summary>
internal sealed class ConfigurationUpload(HostRoot root, LiveConfiguration configuration, ApiServerManifests manifests, NodeConfiguration node, ConfigurationPreview preview, KubeadmProgram kubeadm, ScratchFolders scratch)
{
    /// <summary>Uploads, and reads back.</summary>
    /// <param name="live">What it was made from: whoever changed the object since then is not written over.</param>
    /// <param name="wanted">What is uploaded.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The live object as it is then.</returns>
    /// <exception cref="AgentFault">ADMIN_CONF_MISSING; PROGRAM_FAILED; CONFIG_UNREADABLE when kubeadm would lose something; CONFIG_CHANGED when the object is not what was uploaded.</exception>
    public async Task<ClusterConfiguration> RunAsync(ClusterConfiguration live, ClusterConfiguration wanted, CancellationToken cancellationToken)
    {
        _ = KubeAccess.FromAdminConf(root);
        var stored = await preview.OfAsync(wanted, cancellationToken);
        using var folder = scratch.Create();
        // With this node's part: its own apiserver is the one that kubeadm talks to.
        var file = folder.Write("kubeadm.yaml", node.With(wanted, manifests.Get().Manifest, patches: ""));
        if ((await configuration.ReadAsync(cancellationToken)).Text != live.Text)
        {
            throw new AgentFault(FaultReason.ConfigChanged, "the live ClusterConfiguration was changed by somebody else just now, expected it as it was read. Nothing was changed; call again.");
        }

        await kubeadm.RunCheckedAsync(new(KubeadmCommand.UploadConfig, folder) { Configuration = file }, cancellationToken);
        var after = await configuration.ReadAsync(cancellationToken);
        var wrong = YamlDifference.Between(stored.Root, after.Root);
        return wrong.Count == 0 ? after
            : throw new AgentFault(FaultReason.ConfigChanged, $"after upload-config the ClusterConfiguration is not what was uploaded: {string.Join("; ", wrong)}. Somebody else may have written it at the same time; it is put back by RestoreClusterConfiguration.");
    }
}
