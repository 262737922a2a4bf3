using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Lets the leader's agent merge external etcd into the live ClusterConfiguration, and keeps both texts with the run (A4, IR-1).</summary>
internal sealed record MergeKubeadmConfig(FleetNode Node) : NodeStep(Node)
{
    /// <summary>In the run's folder.</summary>
    public const string BeforeName = "kubeadm-config.before.yaml";

    /// <summary>In the run's folder.</summary>
    public const string MergedName = "kubeadm-config.merged.yaml";

    public override string Name => "merge-kubeadm-config";

    public override string Summary => "merge external etcd into the live ClusterConfiguration, keep every other line, and let kubeadm validate it";

    public override Undo Undo => Undo.NotNeeded("nothing is uploaded yet");

    public override bool Prepares => true;

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var external = new ExternalEtcd();
        external.Endpoints.AddRange(context.Fleet.EtcdEndpoints);
        var config = await Agent(context).Kubeadm.GetClusterConfigurationAsync(new() { External = external }, cancellationToken: cancellationToken);
        if (config.Problems.Count > 0)
        {
            throw new StepFault(string.Join("; ", config.Problems), refused: true);
        }

        Keep(context, BeforeName, config.Live);
        Keep(context, MergedName, config.Merged);
        return new(false, config.LiveSha256 == config.MergedSha256 ? "it has these endpoints already" : "only etcd differs", new Dictionary<string, string>
        {
            ["live_sha256"] = config.LiveSha256, ["merged_sha256"] = config.MergedSha256, ["kubernetes_version"] = config.KubernetesVersion, ["kubeadm_version"] = config.KubeadmVersion,
        });
    }

    private static void Keep(StepContext context, string name, string text) =>
        AtomicFile.Write(Path.Combine(context.RunFolder, name), System.Text.Encoding.UTF8.GetBytes(text));
}
