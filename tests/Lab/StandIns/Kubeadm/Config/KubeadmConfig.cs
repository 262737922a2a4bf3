using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>What kubeadm works from: both configurations in v1beta4, with every default in them, and validated.</summary>
/// <param name="Init">Of this node; never uploaded.</param>
/// <param name="Cluster">Of the cluster: what the ConfigMap holds.</param>
internal sealed record KubeadmConfig(JsonObject Init, JsonObject Cluster)
{
    /// <summary>kubeadm's default.</summary>
    public const string DefaultCriSocket = "unix:///run/containerd/containerd.sock";

    /// <summary>Where this node's apiserver is reached.</summary>
    public string AdvertiseAddress => Init.TextAt("localAPIEndpoint", "advertiseAddress");

    /// <summary>Its port.</summary>
    public long BindPort => Init.NumberAt("localAPIEndpoint", "bindPort");

    /// <summary>Folder of patches; empty when there is none.</summary>
    public string PatchesFolder => Init.TextAt("patches", "directory");

    /// <summary>Folder of the certificates.</summary>
    public string CertificatesDir => Cluster.TextAt("certificatesDir");

    /// <summary>The control plane's version.</summary>
    public string KubernetesVersion => Cluster.TextAt("kubernetesVersion");

    /// <summary>etcd.external; null when etcd is local.</summary>
    public JsonNode? ExternalEtcd => Cluster.At("etcd", "external");

    /// <summary>Reads a file, puts in the defaults and validates.</summary>
    /// <exception cref="KubeadmException">With kubeadm's words and exit code.</exception>
    public static KubeadmConfig Load(string path, KubeadmHost host)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeadmException($"unable to read config from \"{path}\": open {path}: no such file or directory", KubeadmException.Failed, e);
        }

        return Parse(text, host);
    }

    /// <summary>As <see cref="Load"/>, from a text.</summary>
    public static KubeadmConfig Parse(string text, KubeadmHost host)
    {
        var (init, cluster) = ConfigDocuments.Read(text, host.Version);
        return init is null && cluster is null
            ? throw new KubeadmException("no InitConfiguration or ClusterConfiguration kind was found in the YAML file")
            : Complete(init ?? [], cluster ?? [], host);
    }

    /// <summary>Puts in the defaults and validates.</summary>
    public static KubeadmConfig Complete(JsonObject init, JsonObject cluster, KubeadmHost host)
    {
        ConfigDefaults.OfInit(init, host);
        ConfigDefaults.OfCluster(cluster, init, host);
        KubeadmException.ThrowIfAny(ConfigValidation.Of(init, cluster));
        return init.TextAt("localAPIEndpoint", "advertiseAddress") is "0.0.0.0" or "::"
            ? throw new KubeadmException($"cannot use \"{init.TextAt("localAPIEndpoint", "advertiseAddress")}\" as the bind address for the API Server")
            : new(init, cluster);
    }

    /// <summary>The ClusterConfiguration as it is uploaded, which does not hold what is empty.</summary>
    public string ClusterYaml() => YamlWriter.Write(ConfigDefaults.Tidy(Cluster));

    /// <summary>Both, as <c>config migrate</c> writes them.</summary>
    public string ToYaml() => YamlWriter.WriteAll([ConfigDefaults.Tidy(Init), ConfigDefaults.Tidy(Cluster)]);
}
