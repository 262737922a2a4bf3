using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using EtcdFleet.Lab.StandIns.Kubeadm.Config;

namespace EtcdFleet.Lab.StandIns.Kubeadm;

/// <summary>The cluster as kubeadm finds it through the apiserver with <c>/etc/kubernetes/admin.conf</c>.</summary>
internal sealed class KubeadmCluster : IDisposable
{
    /// <summary>Where the ConfigMap is.</summary>
    public const string ConfigMaps = "/api/v1/namespaces/kube-system/configmaps";

    /// <summary>Where Secrets are.</summary>
    public const string Secrets = "/api/v1/namespaces/kube-system/secrets";

    /// <summary>The ConfigMap's name and the key in it.</summary>
    public const string ConfigMap = "kubeadm-config", ConfigKey = "ClusterConfiguration";

    private readonly KubeadmHost _host;

    private KubeadmCluster(KubeadmHost host, KubeClient client) => (_host, Client) = (host, client);

    /// <summary>For everything else.</summary>
    public KubeClient Client { get; }

    /// <summary>Connects.</summary>
    /// <param name="kubeconfig">Of the command line; empty: <c>/etc/kubernetes/admin.conf</c>.</param>
    /// <param name="timeout">kubernetesAPICall of the configuration; null: its default, a minute.</param>
    public static KubeadmCluster Connect(KubeadmHost host, string kubeconfig, string? timeout = null) =>
        new(host, new(Kubeconfig.Load(Path(host, kubeconfig)), GoDuration.Parse(timeout ?? "1m0s"), host.Time));

    /// <summary>The kubeconfig that a command uses.</summary>
    public static string Path(KubeadmHost host, string kubeconfig) => kubeconfig.Length > 0 ? kubeconfig : host.At("/etc/kubernetes/admin.conf");

    /// <summary>The ClusterConfiguration of the ConfigMap; null when there is no ConfigMap.</summary>
    public async Task<JsonObject?> FindConfigurationAsync() => await Client.FindAsync($"{ConfigMaps}/{ConfigMap}") is { } map
        ? ConfigDocuments.ReadCluster(map.TextAt("data", ConfigKey), _host.Version)
        : null;

    /// <summary>As <see cref="FindConfigurationAsync"/>, with kubeadm's words and its defaults.</summary>
    /// <exception cref="KubeadmException">There is no ConfigMap.</exception>
    public async Task<KubeadmConfig> ReadConfigurationAsync(string prefix)
    {
        _host.Say($"[{prefix}] Reading configuration from the \"{ConfigMap}\" ConfigMap in namespace \"kube-system\"...");
        _host.Say($"[{prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.");
        var cluster = await FindConfigurationAsync()
            ?? throw new KubeadmException($"[{prefix}] FATAL: the ConfigMap \"{ConfigMap}\" in the kube-system namespace was not found");
        var init = new JsonObject();
        if (await Client.FindAsync($"/api/v1/nodes/{_host.NodeName}") is { } node)
        {
            var socket = node.At("metadata", "annotations").TextAt("kubeadm.alpha.kubernetes.io/cri-socket");
            init.Made("nodeRegistration")["criSocket"] = socket.Length > 0 ? socket : throw new KubeadmException($"node {_host.NodeName} doesn't have kubeadm.alpha.kubernetes.io/cri-socket annotation");
        }

        (init.Made("localAPIEndpoint")["advertiseAddress"], init.Made("localAPIEndpoint")["bindPort"]) = OwnEndpoint();
        return KubeadmConfig.Complete(init, cluster, _host);
    }

    /// <summary>From the annotation of this node's apiserver. The real one finds it at the mirror Pod; the lab has none, so from the manifest.</summary>
    private (string Address, int Port) OwnEndpoint()
    {
        var manifest = _host.At("/etc/kubernetes/manifests/kube-apiserver.yaml");
        var endpoint = File.Exists(manifest)
            ? YamlReader.Documents(File.ReadAllText(manifest))[0].At("metadata", "annotations").TextAt("kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint")
            : "";
        return endpoint.LastIndexOf(':') is var colon and > 0
            ? (endpoint[..colon].Trim('[', ']'), int.Parse(endpoint.AsSpan(colon + 1), CultureInfo.InvariantCulture))
            : throw new KubeadmException($"failed to get config map: failed to getAPIEndpoint: could not retrieve API endpoints for node \"{_host.NodeName}\" using pod annotations: timed out waiting for the condition");
    }

    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
