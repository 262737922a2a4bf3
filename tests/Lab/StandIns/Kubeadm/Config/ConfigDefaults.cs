using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>kubeadm's defaults, which take the place of whatever a file leaves out (FACTS 12, 13, 16).</summary>
internal static class ConfigDefaults
{
    private const string Api = "kubeadm.k8s.io/v1beta4";

    /// <summary>Written although they are empty.</summary>
    private static readonly string[] KeptEmpty = ["apiServer", "controllerManager", "scheduler", "dns", "proxy", "networking", "etcd", "caFile", "certFile", "keyFile", "endpoints", "dataDir", "value", "taints", "localAPIEndpoint", "nodeRegistration"];

    /// <summary>Of the node.</summary>
    public static void OfInit(JsonObject init, KubeadmHost host)
    {
        (init["apiVersion"], init["kind"]) = (Api, "InitConfiguration");
        var node = init.Made("nodeRegistration");
        node.Default("name", host.NodeName);
        node["name"] = node.TextAt("name").ToLowerInvariant();
        node.Default("criSocket", KubeadmConfig.DefaultCriSocket);
        node.Default("imagePullPolicy", "IfNotPresent");
        node["imagePullSerial"] ??= true;
        node["taints"] ??= JsonReading.Objects([new() { ["effect"] = "NoSchedule", ["key"] = "node-role.kubernetes.io/control-plane" }]);
        var timeouts = init.Made("timeouts");
        foreach (var (name, value) in new[]
        {
            ("controlPlaneComponentHealthCheck", "4m0s"), ("discovery", "5m0s"), ("etcdAPICall", "2m0s"), ("kubeletHealthCheck", "4m0s"), ("kubernetesAPICall", "1m0s"), ("tlsBootstrap", "5m0s"), ("upgradeManifests", "5m0s"),
        })
        {
            timeouts.Default(name, value);
        }

        var endpoint = init.Made("localAPIEndpoint");
        if (endpoint.NumberAt("bindPort") == 0)
        {
            endpoint["bindPort"] = 6443;
        }

        endpoint["advertiseAddress"] = Advertised(endpoint.TextAt("advertiseAddress"), host);
    }

    /// <summary>Of the cluster.</summary>
    public static void OfCluster(JsonObject cluster, JsonObject init, KubeadmHost host)
    {
        (cluster["apiVersion"], cluster["kind"]) = (Api, "ClusterConfiguration");
        cluster["kubernetesVersion"] = Normalized(cluster.TextAt("kubernetesVersion"), host);
        var networking = cluster.Made("networking");
        networking.Default("serviceSubnet", "10.96.0.0/12");
        networking.Default("dnsDomain", "cluster.local");
        cluster.Default("certificatesDir", "/etc/kubernetes/pki");
        cluster.Default("imageRepository", "registry.k8s.io");
        cluster.Default("clusterName", "kubernetes");
        cluster.Default("encryptionAlgorithm", "RSA-2048");
        cluster.Default("certificateValidityPeriod", "8760h0m0s");
        cluster.Default("caCertificateValidityPeriod", "87600h0m0s");
        foreach (var component in new[] { "apiServer", "controllerManager", "scheduler", "dns", "proxy" })
        {
            cluster.Made(component);
        }

        OfEtcd(cluster.Made("etcd"), host);
        if (cluster.TextAt("controlPlaneEndpoint") is { Length: > 0 } endpoint && !HasPort(endpoint))
        {
            cluster["controlPlaneEndpoint"] = $"{endpoint}:{init.NumberAt("localAPIEndpoint", "bindPort")}";
        }

        if (cluster.At("apiServer", "certSANs") is JsonArray names)
        {
            cluster.Made("apiServer")["certSANs"] = JsonReading.List(names.Select(n => n.TextAt().ToLowerInvariant()));
        }
    }

    /// <summary>A copy without what is empty.</summary>
    public static JsonObject Tidy(JsonObject node)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in node)
        {
            var tidy = value switch
            {
                JsonObject mapping when name == "featureGates" => mapping.Copy(), // false is a setting there
                JsonObject mapping => Tidy(mapping),
                null => null,
                _ => value.DeepClone(),
            };
            if (KeptEmpty.Contains(name) || !IsEmpty(tidy))
            {
                copy[name] = tidy;
            }
        }

        return copy;
    }

    /// <summary>FACTS 12: no etcd at all is a local one. FACTS 16: the endpoints for HTTP are those for gRPC, written into the ConfigMap.</summary>
    private static void OfEtcd(JsonObject etcd, KubeadmHost host)
    {
        if (etcd["external"] is JsonObject external)
        {
            foreach (var file in new[] { "caFile", "certFile", "keyFile" })
            {
                external[file] ??= "";
            }

            if (host.Version.Minor >= 35 && external["httpEndpoints"] is not JsonArray { Count: > 0 })
            {
                external["httpEndpoints"] = external["endpoints"]?.DeepClone();
            }
        }

        if (etcd["local"] is JsonObject || etcd["external"] is null)
        {
            etcd.Made("local").Default("dataDir", "/var/lib/etcd");
        }
    }

    /// <summary>FACTS 13: without an address, that of the default route. FACTS 20: no loopback; kubeadm looks for another address on that interface, which nobody has.</summary>
    private static string Advertised(string address, KubeadmHost host)
    {
        if (address.Length > 0 && !IPAddress.TryParse(address, out _))
        {
            throw new KubeadmException($"couldn't use \"{address}\" as \"apiserver-advertise-address\", must be ipv4 or ipv6 address");
        }

        return address.Length > 0 && IPAddress.IsLoopback(IPAddress.Parse(address))
            ? throw new KubeadmException("unable to resolve link-local addresses")
            : address is "" or "0.0.0.0" ? host.DefaultAddress() ?? "0.0.0.0" : address;
    }

    /// <summary>
    /// FACTS 20: without a version kubeadm asks the internet. Here nobody answers; the real one then takes its own version after a
    /// while, which silently makes another version's manifest. This one refuses.
    /// </summary>
    private static string Normalized(string version, KubeadmHost host)
    {
        if (version is "" || version.StartsWith("stable", StringComparison.Ordinal) || version.StartsWith("latest", StringComparison.Ordinal))
        {
            throw new KubeadmException($"could not fetch a Kubernetes version from the internet: unable to get URL \"https://dl.k8s.io/release/{(version.Length == 0 ? "stable-1" : version)}.txt\": there is no way out; set kubernetesVersion");
        }

        var parsed = KubernetesVersion.Parse(version) ?? throw new KubeadmException($"couldn't parse Kubernetes version \"{version}\": could not parse \"{version}\" as version");
        return parsed.Minor < host.Version.Minor - 1
            ? throw new KubeadmException($"this version of kubeadm only supports deploying clusters with the control plane version >= {host.Version.Major}.{host.Version.Minor - 1}.0. Current version: {parsed}")
            : parsed.ToString();
    }

    private static bool HasPort(string endpoint) => endpoint.StartsWith('[') ? endpoint.Contains("]:", StringComparison.Ordinal) : endpoint.Count(c => c == ':') == 1;

    private static bool IsEmpty(JsonNode? value) => value switch
    {
        null => true,
        JsonObject mapping => mapping.Count == 0,
        JsonArray list => list.Count == 0,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>().Length == 0,
            JsonValueKind.False => true,
            _ => false,
        },
    };
}
