using System.Text.Json;
using EtcdFleet.Agent;
using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>A Kubernetes API with one ConfigMap, the health that a test gives it, and etcd's /version at each endpoint.</summary>
internal sealed class FakeKubernetesApi(Death death) : IKubernetesApi
{
    private const string ConfigMap = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
    private readonly List<string> _requests = [];

    /// <summary>ClusterConfiguration in kube-system/kubeadm-config; null where there is no such object.</summary>
    public string? Configuration { get; set; }

    /// <summary>/readyz?verbose and /livez by path; 200 where nothing else is said.</summary>
    public Dictionary<string, ApiAnswer> Health { get; } = [];

    /// <summary>etcd's answer to /version by endpoint, as in https://10.66.0.11:2379.</summary>
    public Dictionary<string, ApiAnswer> Etcd { get; } = [];

    /// <summary>Why nobody answers; null when they do.</summary>
    public string? Silence { get; set; }

    /// <summary>Done before each answer, with the path.</summary>
    public Action<string> BeforeAnswer { get; set; } = _ => { };

    /// <summary>Server, path and credential of each request, with blanks between.</summary>
    public IReadOnlyList<string> Requests => _requests;

    public Task<ApiAnswer> GetAsync(KubeAccess access, string path, TimeSpan timeout, CancellationToken cancellationToken) => death.AroundAsync(() =>
    {
        lock (_requests)
        {
            _requests.Add($"{access.Server.GetLeftPart(UriPartial.Authority)} {path} {access.Name}");
        }

        BeforeAnswer(path);
        return Silence is { } why ? throw new AgentFault(FaultReason.ApiUnreachable, $"{access.Server}{path.TrimStart('/')} does not answer: {why}") : Task.FromResult(Answer(access, path));
    });

    private ApiAnswer Answer(KubeAccess access, string path) => path switch
    {
        ConfigMap => Configuration is null ? new(404, """{"kind":"Status","reason":"NotFound"}""") : new(200, Json(Configuration)),
        "/version" when Etcd.TryGetValue(access.Server.GetLeftPart(UriPartial.Authority), out var etcd) => etcd,
        "/version" => throw new AgentFault(FaultReason.ApiUnreachable, $"{access.Server}version does not answer: Connection refused"),
        _ => Health.GetValueOrDefault(path) ?? new(200, path == "/livez" ? "ok" : "[+]ping ok\n[+]etcd ok\n[+]etcd-readiness ok\nreadyz check passed\n"),
    };

    private static string Json(string configuration) =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kubeadm-config","namespace":"kube-system"},"data":{"ClusterConfiguration":"{{{JsonEncodedText.Encode(configuration)}}}"}}""";
}
