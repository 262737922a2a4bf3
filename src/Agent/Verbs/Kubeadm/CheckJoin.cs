using System.Text.Json;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Kubeadm;

/// <summary>Rehearses what 'kubeadm join --control-plane' would need (A8, DC-5). It writes no Secret.</summary>
internal sealed class CheckJoin(HostRoot root, LiveConfiguration configuration, ApiServerManifests manifests, NodeConfiguration node, KubeadmProgram kubeadm, ScratchFolders scratch, JoinCertificates certificates, IKubernetesApi api)
    : IVerb<CheckJoinRequest, CheckJoinResponse>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>What kubeadm init asks of an external etcd (FACTS 19); join itself does not ask.</summary>
    private static readonly Version Least = new(3, 5, 24);

    public async Task<CheckJoinResponse> RunAsync(CheckJoinRequest request, VerbContext context, CancellationToken cancellationToken)
    {
        _ = KubeAccess.FromAdminConf(root);
        var live = await configuration.ReadAsync(cancellationToken);
        var response = new CheckJoinResponse();
        if (live.Mode != GetClusterConfigurationResponse.Types.EtcdMode.External)
        {
            response.Findings.Add(new JoinFinding { Name = "etcd", Detail = "kubeadm-config has local etcd: a joining node would look for it in Pod annotations, and start one of its own (FACTS 18)" });
            return response;
        }

        var asked = live.HttpEndpoints.Count > 0 ? live.HttpEndpoints : live.Endpoints;
        response.Findings.AddRange(await Task.WhenAll(asked.Select(endpoint => VersionAsync(live, endpoint, cancellationToken))));
        response.Findings.Add(certificates.Look(live.CertificatesDir));

        using var folder = scratch.Create();
        var file = folder.Write("kubeadm.yaml", node.With(live, manifests.Get().Manifest, patches: ""));
        folder.Link("admin.conf", root.AdminConf); // a dry run takes it from its own folder
        response.Findings.Add(Finding("upload-certs", KubeadmCommand.UploadCertsDryRun, await kubeadm.RunAsync(KubeadmCommand.UploadCertsDryRun, folder, file, [], cancellationToken)));
        response.Findings.Add(Finding("token", KubeadmCommand.TokenDryRun, await kubeadm.RunAsync(KubeadmCommand.TokenDryRun, folder, "", [], cancellationToken)));
        return response;
    }

    private async Task<JoinFinding> VersionAsync(ClusterConfiguration live, string endpoint, CancellationToken cancellationToken)
    {
        var finding = new JoinFinding { Name = $"version {endpoint}" };
        try
        {
            var pki = root.At(live.CertificatesDir);
            var access = new KubeAccess(new Uri(endpoint), await TextAsync(pki, "etcd/ca.crt"), await TextAsync(pki, "apiserver-etcd-client.crt"), await TextAsync(pki, "apiserver-etcd-client.key"), "apiserver-etcd-client.crt");
            var answer = await api.GetAsync(access, "/version", Timeout, cancellationToken);
            using var body = JsonDocument.Parse(answer.Body);
            var text = body.RootElement.GetProperty("etcdserver").GetString() ?? "";
            finding.Ok = answer.Ok;
            finding.Detail = Version.TryParse(text, out var version) && version < Least ? $"etcd {text}; 'kubeadm init' of a new cluster would want {Least} or later (FACTS 19), join does not ask" : $"etcd {text}";
        }
        catch (Exception problem) when (problem is AgentFault or IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException)
        {
            finding.Detail = problem.Message;
        }

        return finding;

        Task<string> TextAsync(string folder, string name) => File.ReadAllTextAsync(Path.Combine(folder, name), cancellationToken);
    }

    private static JoinFinding Finding(string name, KubeadmCommand command, ProgramResult result) => result is { ExitCode: 0, TimedOut: false }
        ? new() { Name = name, Ok = true, Detail = "the dry run ends well" }
        : new() { Name = name, Detail = KubeadmProgram.Words(command, result) };
}
