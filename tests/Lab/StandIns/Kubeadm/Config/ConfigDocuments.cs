using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>The documents of a configuration file by kind, decoded strictly.</summary>
internal static class ConfigDocuments
{
    /// <summary>Reads a text.</summary>
    /// <returns>InitConfiguration and ClusterConfiguration, each in v1beta4 or null.</returns>
    /// <exception cref="KubeadmException">It is not what this version of kubeadm reads.</exception>
    public static (JsonObject? Init, JsonObject? Cluster) Read(string text, KubernetesVersion kubeadm)
    {
        JsonObject? init = null, cluster = null;
        var seen = new HashSet<string>();
        foreach (var document in Split(text))
        {
            var (api, kind) = (document.TextAt("apiVersion"), document.TextAt("kind"));
            if (api.Length == 0 || kind.Length == 0)
            {
                throw new KubeadmException("invalid configuration for GroupVersionKind " + Kind(api, kind) + ": kind and apiVersion is mandatory information that must be specified");
            }

            if (!seen.Add(kind))
            {
                throw new KubeadmException($"invalid configuration: kind \"{kind}\" is specified twice in YAML file");
            }

            RefuseVersion(api, kind, kubeadm);
            var type = ConfigKinds.Find(api, kind, kubeadm) ?? throw new KubeadmException($"unknown configuration APIs: []schema.GroupVersionKind{{{Kind(api, kind)}}}");
            CheckStrictly(document, type, api, kind);
            if (api.StartsWith(ConfigKinds.Group, StringComparison.Ordinal))
            {
                init = kind == "InitConfiguration" ? document : init;
                cluster = kind == "ClusterConfiguration" ? document : cluster;
            }
        }

        OldConfig.Convert(ref init, cluster);
        return (init, cluster);
    }

    /// <summary>Decodes one document of a known kind, such as the ConfigMap's.</summary>
    /// <exception cref="KubeadmException">It is none.</exception>
    public static JsonObject ReadCluster(string text, KubernetesVersion kubeadm) =>
        Read(text, kubeadm).Cluster ?? throw new KubeadmException("failed to decode cluster configuration data: no ClusterConfiguration was found");

    private static IReadOnlyList<JsonObject> Split(string text)
    {
        try
        {
            return YamlReader.Documents(text);
        }
        catch (FormatException e)
        {
            throw new KubeadmException(e.Message, KubeadmException.Failed, e);
        }
    }

    private static void RefuseVersion(string api, string kind, KubernetesVersion kubeadm)
    {
        string? useInstead = api switch
        {
            "kubeadm.k8s.io/v1beta1" => "v1.15",
            "kubeadm.k8s.io/v1beta2" => "v1.22",
            "kubeadm.k8s.io/v1beta3" when kubeadm.Minor >= 37 => "v1.36",
            _ => null,
        };
        if (useInstead is not null)
        {
            throw new KubeadmException(
                $"your configuration file uses an old API spec: \"{api}\" (kind: \"{kind}\"). Please use kubeadm {useInstead} instead and run 'kubeadm config migrate --old-config old-config-file "
                + "--new-config new-config-file', which will write the new, similar spec using a newer API version.");
        }

        if (api == "kubeadm.k8s.io/v1beta4" && kubeadm.Minor < 31)
        {
            throw new KubeadmException($"experimental API spec: \"{api}\" is not allowed. You can use the --allow-experimental-api flag if the command supports it.");
        }
    }

    private static void CheckStrictly(JsonObject document, FieldType type, string api, string kind)
    {
        var (unknown, mistyped) = (new List<string>(), new List<string>());
        type.Check(document, "", kind, unknown, mistyped);
        if (mistyped is [var first, ..])
        {
            throw new KubeadmException($"error unmarshaling configuration schema.GroupVersionKind{Kind(api, kind)}: {first}");
        }

        if (unknown.Count > 0)
        {
            throw new KubeadmException($"error unmarshaling configuration schema.GroupVersionKind{Kind(api, kind)}: strict decoding error: {string.Join(", ", unknown)}");
        }
    }

    private static string Kind(string api, string kind)
    {
        var (group, version) = api.Split('/', 2) is [var left, var right] ? (left, right) : ("", api);
        return $"{{Group:\"{group}\", Version:\"{version}\", Kind:\"{kind}\"}}";
    }
}
