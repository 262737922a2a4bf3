using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Steps;

/// <summary>Lets kubeadm upload the merged ClusterConfiguration, on the leader alone (A5, D4, D11).</summary>
internal sealed record UploadKubeadmConfig(FleetNode Node) : NodeStep(Node)
{
    private static readonly TimeSpan Work = TimeSpan.FromMinutes(3);

    public override string Name => "upload-kubeadm-config";

    public override string Summary => "let 'kubeadm init phase upload-config' write it into kube-system/kubeadm-config";

    public override Undo Undo => Undo.By("upload the etcd part that was there before");

    public override async Task<Receipt> ApplyAsync(StepContext context, CancellationToken cancellationToken)
    {
        var request = new UploadClusterConfigurationRequest { Operation = context.Operation, External = new(), ExpectedSha256 = Merged(context) };
        request.External.Endpoints.AddRange(context.Fleet.EtcdEndpoints);
        var response = await Agent(context).Kubeadm.UploadClusterConfigurationAsync(request, deadline: Deadline(context, Work), cancellationToken: cancellationToken);
        return From(response.Change, ("before_sha256", Digest(response.Before)), ("after_sha256", Digest(response.After)));
    }

    public override async Task<Receipt> UndoAsync(StepContext context, CancellationToken cancellationToken)
    {
        var response = await Agent(context).Kubeadm.RestoreClusterConfigurationAsync(new() { Operation = context.Operation }, deadline: Deadline(context, Work), cancellationToken: cancellationToken);
        return From(response.Change, ("after_sha256", Digest(response.After)));
    }

    /// <summary>The digest of what was merged in this run: whoever changed the object since then is not written over.</summary>
    private static string Merged(StepContext context) => Path.Combine(context.RunFolder, MergeKubeadmConfig.BeforeName) is var path && File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "";

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
