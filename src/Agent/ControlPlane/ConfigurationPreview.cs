using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.ControlPlane;

/// <summary>What kubeadm makes of a ClusterConfiguration that it stores: its own API version, and its defaults written out (FACTS 12, 16).</summary>
internal sealed class ConfigurationPreview(KubeadmProgram kubeadm, ScratchFolders scratch, NodeConfiguration node, ApiServerManifests manifests)
{
    /// <summary>What a migration changes by design: v1beta4 keeps this time limit in the InitConfiguration, so it is no field of the cluster's any more.</summary>
    private static readonly string[] Migrated = ["apiVersion:", "apiServer.timeoutForControlPlane:"];

    /// <summary>What would be stored.</summary>
    /// <exception cref="AgentFault">PROGRAM_FAILED: kubeadm refuses the configuration. CONFIG_UNREADABLE: something of it would be lost or changed (IR-1). MANIFEST_MISSING: no apiserver here.</exception>
    public async Task<ClusterConfiguration> OfAsync(ClusterConfiguration configuration, CancellationToken cancellationToken)
    {
        using var folder = scratch.Create();
        // With this node's part: for what is missing kubeadm would look at the machine, and stop at a second CRI socket, or at the netlink that the agent's unit denies it.
        var file = folder.Write("kubeadm.yaml", node.With(configuration, manifests.Get().Manifest, patches: ""));

        // The one command that is strict: the others warn of an unknown field, and drop it.
        await kubeadm.RunCheckedAsync(new(KubeadmCommand.Validate, folder) { Configuration = file }, cancellationToken);
        await kubeadm.RunCheckedAsync(new(KubeadmCommand.MigrateConfig, folder) { Configuration = file }, cancellationToken);
        var stored = Read(await File.ReadAllTextAsync($"{file}.new", cancellationToken));
        string[] lost = [.. YamlDifference.Losses(configuration.Root, stored.Root).Where(loss => !Migrated.Any(field => loss.StartsWith(field, StringComparison.Ordinal)))];
        return lost.Length == 0 ? stored
            : throw new AgentFault(FaultReason.ConfigUnreadable, $"kubeadm would store the ClusterConfiguration with {string.Join("; ", lost)}, expected every field as it is (IR-1). Write it as kubeadm does. Nothing was changed.");
    }

    /// <summary>'config migrate' writes the InitConfiguration as well: only the cluster's part is ours.</summary>
    private static ClusterConfiguration Read(string documents) => ClusterConfiguration.Parse(
        documents.Split("\n---\n").FirstOrDefault(document => document.Split('\n').Contains("kind: ClusterConfiguration"))
        ?? throw new AgentFault(FaultReason.ConfigUnreadable, "kubeadm config migrate wrote no ClusterConfiguration, expected one. Look at kubeadm."));
}
