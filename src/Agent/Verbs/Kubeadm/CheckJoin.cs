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
        ValidatePreflight.Names(request.IgnorePreflightErrors);
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
        response.Findings.Add(certificates.Look(live));

        using var folder = scratch.Create();
        folder.LinkForDryRun(root.AdminConf); // a dry run of 'init' takes it from its own folder, as if 'init' had just made it
        var file = folder.Write("kubeadm.yaml", node.With(live, manifests.Get().Manifest, patches: ""));
        response.Findings.Add(await DryRunAsync("upload-certs", new(KubeadmCommand.UploadCertsDryRun, folder) { Configuration = file }, cancellationToken));
        response.Findings.Add(await DryRunAsync("token", new(KubeadmCommand.TokenDryRun, folder) { Configuration = file }, cancellationToken));
        return response;
    }

    private async Task<JoinFinding> VersionAsync(ClusterConfiguration live, string endpoint, CancellationToken cancellationToken)
    {
        var finding = new JoinFinding { Name = $"version {endpoint}" };
        try
        {
            var access = new KubeAccess(new Uri(endpoint), await TextAsync(live.EtcdCaFile), await TextAsync(live.EtcdCertificateFile), await TextAsync(live.EtcdKeyFile), live.EtcdCertificateFile);
            var answer = await api.GetAsync(access, "/version", Timeout, cancellationToken);
            if (!answer.Ok)
            {
                finding.Detail = $"it answered {answer.Status} to /version, expected 200 to {access.Name}";
                return finding;
            }

            using var body = JsonDocument.Parse(answer.Body);
            var text = body.RootElement.GetProperty("etcdserver").GetString() ?? "";
            finding.Ok = true;
            finding.Detail = Version.TryParse(text, out var version) && version < Least ? $"etcd {text}; 'kubeadm init' of a new cluster would want {Least} or later (FACTS 19), join does not ask" : $"etcd {text}";
        }
        catch (Exception problem) when (problem is AgentFault or IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or UriFormatException or ArgumentException)
        {
            finding.Detail = problem.Message;
        }

        return finding;

        Task<string> TextAsync(string name) => File.ReadAllTextAsync(root.At(name), cancellationToken);
    }

    private async Task<JoinFinding> DryRunAsync(string name, KubeadmCall call, CancellationToken cancellationToken)
    {
        var result = await kubeadm.RunAsync(call, cancellationToken);
        return result switch
        {
            { ExitCode: 0, TimedOut: false } => new() { Name = name, Ok = true, Detail = "the dry run ends well" },
            // Releases that make a folder of their own in the one that they are given look for it there, and no caller can put it there.
            _ when result.Error.Contains($"{Path.GetFileName(root.AdminConf)}: no such file", StringComparison.Ordinal) => new() { Name = name, Ok = true, Detail = "this kubeadm's dry run wants an admin.conf of its own, so it says nothing; what it would upload is among the certificates" },
            _ => new() { Name = name, Detail = KubeadmProgram.Words(call.Command, result) },
        };
    }
}
