using EtcdFleet.Agent.V1;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.TestKit;

/// <summary>The simulated agents' verbs on kubeadm's configuration and the apiservers, with the times of FACTS 14.</summary>
internal sealed class FakeKubernetes(FakeFleet fleet)
{
    private static readonly TimeSpan OldGoes = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NewIsReady = TimeSpan.FromSeconds(42);

    /// <summary>Null where the request is none of its own.</summary>
    public async Task<object?> ReadAsync(FakeNode node, IMessage request, CancellationToken cancellationToken) => request switch
    {
        GetClusterConfigurationRequest get => Configuration(node, get),
        GetApiServerRequest => ApiServer(node),
        RenderApiServerRequest render => Render(node, string.Join(',', render.External.Endpoints)),
        AwaitApiServerRequest wait => await AwaitAsync(node, TimeSpan.FromMilliseconds(wait.TimeoutMs), cancellationToken),
        CheckUpgradeRequest => fleet.Upgrade(),
        CheckJoinRequest => fleet.Join(),
        _ => null,
    };

    /// <summary>Null where the request is none of its own.</summary>
    public object? Change(FakeNode node, IMessage request, Change change) => request switch
    {
        UploadClusterConfigurationRequest upload => Upload(node, string.Join(',', upload.External.Endpoints), change),
        RestoreClusterConfigurationRequest => RestoreConfiguration(node, change),
        RegenerateApiServerRequest regenerate => Regenerate(node, string.Join(',', regenerate.External.Endpoints), change),
        RestoreApiServerRequest => RestoreApiServer(node, change),
        _ => null,
    };

    /// <summary>The apiserver answers /readyz: its process is the manifest's, and it has had its time.</summary>
    public bool Ready(FakeNode node) => !node.ApiServer.Down && !node.Restore.Stashed && !(node.ApiServer is { NeverReady: true } apiServer && apiServer.Manifest != FakeApiServer.Stacked)
        && (fleet.Now >= node.ApiServer.ChangedAt + NewIsReady || fleet.Now < node.ApiServer.ChangedAt + OldGoes);

    private GetClusterConfigurationResponse Configuration(FakeNode node, GetClusterConfigurationRequest request)
    {
        var external = fleet.External.Length > 0;
        var merged = request.External is null ? "" : Text(string.Join(',', request.External.Endpoints));
        var answer = new GetClusterConfigurationResponse
        {
            Live = Text(fleet.External), LiveSha256 = $"{Text(fleet.External).Length:x64}", Merged = merged, MergedSha256 = $"{merged.Length:x64}", KubernetesVersion = "v1.35.6", KubeadmVersion = "v1.35.6",
            ApiVersion = "kubeadm.k8s.io/v1beta4", HasAdminConf = true,
            Mode = external ? GetClusterConfigurationResponse.Types.EtcdMode.External : GetClusterConfigurationResponse.Types.EtcdMode.Local,
            Endpoints = { fleet.External.Split(',', StringSplitOptions.RemoveEmptyEntries) },
        };
        node.Configuration(answer);
        return answer;
    }

    private static string Text(string external) => external.Length == 0
        ? "kind: ClusterConfiguration\netcd:\n  local:\n    dataDir: /var/lib/etcd\n"
        : $"kind: ClusterConfiguration\netcd:\n  external:\n    endpoints: [{external}]\n";

    private GetApiServerResponse ApiServer(FakeNode node)
    {
        var apiServer = node.ApiServer;
        var old = fleet.Now < apiServer.ChangedAt + OldGoes;
        var answer = new GetApiServerResponse
        {
            Manifest = new() { Path = "/etc/kubernetes/manifests/kube-apiserver.yaml", Sha256 = new string('f', 64) }, Address = "https://10.66.0.11:6443",
            EtcdFlags = { new Flag { Name = "etcd-servers", Value = apiServer.Manifest } }, StashedSha256 = apiServer.Kept is null ? "" : new string('f', 64),
            Ready = Ready(node), EtcdOk = Ready(node), Alive = !apiServer.Down, HealthProblem = Ready(node) ? "" : "/readyz says 500 (etcd)",
        };
        if (!apiServer.Down && !(node.Restore.Stashed && fleet.Now >= node.Restore.GoneFrom))
        {
            answer.Processes.Add(new ApiServerProcess { Pid = old ? 700u : 800u, AsManifest = !old, EtcdFlags = { new Flag { Name = "etcd-servers", Value = old ? "the old ones" : apiServer.Manifest } } });
        }

        return answer;
    }

    private static RenderApiServerResponse Render(FakeNode node, string external)
    {
        var same = node.ApiServer.Manifest == external;
        var answer = new RenderApiServerResponse
        {
            Present = new() { Path = "/etc/kubernetes/manifests/kube-apiserver.yaml", Sha256 = new string('f', 64) }, Same = same && node.ApiServer.Drift.Length == 0,
            PresentText = $"    - --etcd-servers={node.ApiServer.Manifest}\n", RenderedText = $"    - --etcd-servers={external}\n",
        };
        answer.EtcdDifferences.AddRange(same ? [] : [$"--etcd-servers: {node.ApiServer.Manifest} -> {external}"]);
        answer.OtherDifferences.AddRange(node.ApiServer.Drift.Length == 0 ? [] : [node.ApiServer.Drift]);
        return answer;
    }

    private async Task<AwaitApiServerResponse> AwaitAsync(FakeNode node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var ready = node.ApiServer.ChangedAt + NewIsReady;
        var left = node.ApiServer.Down || (node.ApiServer.NeverReady && node.ApiServer.Manifest != FakeApiServer.Stacked) ? TimeSpan.MaxValue : ready > fleet.Now ? ready - fleet.Now : TimeSpan.Zero;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left < timeout ? left : timeout, fleet.Time, cancellationToken);
        }

        return left <= timeout
            ? new() { WaitedMs = (uint)left.TotalMilliseconds, OldGoneMs = (uint)Math.Min(left.TotalMilliseconds, OldGoes.TotalMilliseconds), Evidence = { "pid 800 runs with the manifest's flags" } }
            : throw AgentRefusal.Of(StatusCode.DeadlineExceeded, FaultReason.ApiserverNotReady, $"after {timeout.TotalSeconds} s pid 800 runs, and /readyz says 500 (etcd); expected one apiserver that is ready");
    }

    private UploadClusterConfigurationResponse Upload(FakeNode node, string external, Change change)
    {
        var before = Text(fleet.External);
        change.Changed = fleet.External != external;
        if (change.Changed)
        {
            node.ConfigurationRecord ??= fleet.External;
            fleet.External = external;
        }

        return new() { Change = change, Before = before, After = Text(external) };
    }

    private RestoreClusterConfigurationResponse RestoreConfiguration(FakeNode node, Change change)
    {
        var before = Text(fleet.External);
        if (node.ConfigurationRecord is null && fleet.External.Length > 0)
        {
            throw AgentRefusal.Of(FaultReason.NothingToUndo, "kubeadm-config has external etcd, and this agent has no record of what it was before");
        }

        change.Changed = node.ConfigurationRecord is not null && node.ConfigurationRecord != fleet.External;
        fleet.External = node.ConfigurationRecord ?? fleet.External;
        node.ConfigurationRecord = null;
        return new() { Change = change, Before = before, After = Text(fleet.External) };
    }

    private RegenerateApiServerResponse Regenerate(FakeNode node, string external, Change change)
    {
        if (node.ApiServer.Drift.Length > 0)
        {
            throw AgentRefusal.Of(FaultReason.ApiserverDrift, $"the regenerated manifest would change more than etcd's flags: {node.ApiServer.Drift}");
        }

        change.Changed = node.ApiServer.Manifest != external;
        if (change.Changed)
        {
            node.ApiServer.Kept ??= node.ApiServer.Manifest;
            Restart(node, external);
        }

        return new() { Change = change, Kept = new() { Sha256 = new string('f', 64) }, Manifest = new() { Sha256 = new string('f', 64) } };
    }

    private RestoreApiServerResponse RestoreApiServer(FakeNode node, Change change)
    {
        change.Changed = node.ApiServer.Kept is { } kept && kept != node.ApiServer.Manifest;
        if (change.Changed)
        {
            Restart(node, node.ApiServer.Kept!);
        }

        node.ApiServer.Kept = null;
        return new() { Change = change, Restored = new() { Sha256 = new string('f', 64) } };
    }

    private void Restart(FakeNode node, string servers)
    {
        if (fleet.Nodes.Count > 1 && !fleet.Nodes.Any(other => other != node && Ready(other)))
        {
            fleet.Violations.Add($"the apiserver of {node.Name} was restarted while no other one was ready");
        }

        node.ApiServer.Manifest = servers;
        node.ApiServer.ChangedAt = fleet.Now;
    }
}
