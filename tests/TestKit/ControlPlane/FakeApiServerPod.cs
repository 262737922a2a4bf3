namespace EtcdFleet.TestKit;

/// <summary>kube-apiserver's static Pod as kubeadm makes it of its configuration (FACTS 13).</summary>
internal static class FakeApiServerPod
{
    public static string Text(KubeadmFile file, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var pki = (string)(file.Cluster.GetValueOrDefault("certificatesDir") ?? "/etc/kubernetes/pki");
        var (container, volumes) = (Container(file, pki), PlainYaml.List(Volume("ca-certs", "/etc/ssl/certs"), Volume("k8s-certs", pki)));
        AddVariables(file, environment, container);
        AddVolumes(file, (List<object?>)container["volumeMounts"]!, volumes);
        object pod = PlainYaml.Map(
            ("apiVersion", "v1"),
            ("kind", "Pod"),
            ("metadata", PlainYaml.Map(
                ("annotations", PlainYaml.Map(("kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint", $"{file.Address}:{file.Port}"))),
                ("labels", PlainYaml.Map(("component", "kube-apiserver"), ("tier", "control-plane"))),
                ("name", "kube-apiserver"),
                ("namespace", "kube-system"))),
            ("spec", PlainYaml.Map(
                ("containers", PlainYaml.List(container)),
                ("hostNetwork", "true"),
                ("priority", "2000001000"),
                ("priorityClassName", "system-node-critical"),
                ("securityContext", PlainYaml.Map(("seccompProfile", PlainYaml.Map(("type", "RuntimeDefault"))))),
                ("volumes", volumes))),
            ("status", PlainYaml.Map()));
        if (file.Patches.Length > 0)
        {
            pod = Directory.EnumerateFiles(file.Patches, "kube-apiserver*.yaml").Order(StringComparer.Ordinal).Aggregate(pod, (patched, patch) => PlainYaml.Merge(patched, PlainYaml.Parse(File.ReadAllText(patch)))!);
        }

        return PlainYaml.Write((SortedDictionary<string, object?>)pod);
    }

    private static SortedDictionary<string, object?> Container(KubeadmFile file, string pki)
    {
        var apiServer = file.Cluster.GetValueOrDefault("apiServer");
        var timeout = file.Timeout.TrimEnd('s') is { Length: > 0 } seconds ? int.Parse(seconds) : 240;
        var image = $"{file.Cluster.GetValueOrDefault("imageRepository") ?? "registry.k8s.io"}/kube-apiserver:{file.Cluster["kubernetesVersion"]}";
        return PlainYaml.Map(
            ("command", PlainYaml.List(Command(file, pki, [.. KubeadmFile.ArgsOf(apiServer)]))),
            ("image", image),
            ("imagePullPolicy", "IfNotPresent"),
            ("livenessProbe", Probe(file, "/livez", 8, 10, delay: true)),
            ("name", "kube-apiserver"),
            ("ports", PlainYaml.List(PlainYaml.Map(("containerPort", file.Port), ("name", "probe-port"), ("protocol", "TCP")))),
            ("readinessProbe", Probe(file, "/readyz", 3, 1, delay: false)),
            ("resources", PlainYaml.Map(("requests", PlainYaml.Map(("cpu", "250m"))))),
            ("startupProbe", Probe(file, "/livez", (int)Math.Ceiling(timeout / 10.0), 10, delay: true)),
            ("volumeMounts", PlainYaml.List(Mount("ca-certs", "/etc/ssl/certs"), Mount("k8s-certs", pki))));
    }

    /// <summary>kubeadm's own flags by name, without those that extraArgs overrule, which come behind in their order.</summary>
    private static IEnumerable<string> Command(KubeadmFile file, string pki, IReadOnlyList<(string Name, string Value)> extra)
    {
        var networking = file.Cluster.GetValueOrDefault("networking") as SortedDictionary<string, object?>;
        var external = file.Etcd("external");
        (string Name, string Value)[] own =
        [
            ("advertise-address", file.Address), ("allow-privileged", "true"), ("authorization-mode", "Node,RBAC"), ("client-ca-file", $"{pki}/ca.crt"), ("enable-admission-plugins", "NodeRestriction"),
            ("enable-bootstrap-token-auth", "true"),
            ("etcd-cafile", (string)(external?["caFile"] ?? $"{pki}/etcd/ca.crt")), ("etcd-certfile", (string)(external?["certFile"] ?? $"{pki}/apiserver-etcd-client.crt")),
            ("etcd-keyfile", (string)(external?["keyFile"] ?? $"{pki}/apiserver-etcd-client.key")),
            ("etcd-servers", external is null ? "https://127.0.0.1:2379" : string.Join(',', (List<object?>)external["endpoints"]!)),
            ("kubelet-client-certificate", $"{pki}/apiserver-kubelet-client.crt"), ("kubelet-client-key", $"{pki}/apiserver-kubelet-client.key"),
            ("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"), ("proxy-client-cert-file", $"{pki}/front-proxy-client.crt"), ("proxy-client-key-file", $"{pki}/front-proxy-client.key"),
            ("requestheader-allowed-names", "front-proxy-client"), ("requestheader-client-ca-file", $"{pki}/front-proxy-ca.crt"), ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
            ("requestheader-group-headers", "X-Remote-Group"), ("requestheader-username-headers", "X-Remote-User"), ("secure-port", file.Port),
            ("service-account-issuer", $"https://kubernetes.default.svc.{networking?.GetValueOrDefault("dnsDomain") ?? "cluster.local"}"), ("service-account-key-file", $"{pki}/sa.pub"),
            ("service-account-signing-key-file", $"{pki}/sa.key"), ("service-cluster-ip-range", (string)(networking?.GetValueOrDefault("serviceSubnet") ?? "10.96.0.0/12")),
            ("tls-cert-file", $"{pki}/apiserver.crt"), ("tls-private-key-file", $"{pki}/apiserver.key"),
        ];
        return ["kube-apiserver", .. own.Where(flag => extra.All(other => other.Name != flag.Name)).Concat(extra).Select(flag => $"--{flag.Name}={flag.Value}")];
    }

    /// <summary>extraEnvs, and whatever of kubeadm's own environment is about proxies.</summary>
    private static void AddVariables(KubeadmFile file, IEnumerable<KeyValuePair<string, string>> environment, SortedDictionary<string, object?> container)
    {
        var own = environment.Where(variable => variable.Key.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).Select(variable => PlainYaml.Map(("name", variable.Key), ("value", variable.Value)));
        var extra = (file.Cluster.GetValueOrDefault("apiServer") as SortedDictionary<string, object?>)?.GetValueOrDefault("extraEnvs") as List<object?> ?? [];
        if (own.Concat(extra.Cast<SortedDictionary<string, object?>>()).OrderBy(variable => (string)variable["name"]!, StringComparer.Ordinal).ToList() is { Count: > 0 } all)
        {
            container["env"] = PlainYaml.List(all);
        }
    }

    private static void AddVolumes(KubeadmFile file, List<object?> mounts, List<object?> volumes)
    {
        var extra = (file.Cluster.GetValueOrDefault("apiServer") as SortedDictionary<string, object?>)?.GetValueOrDefault("extraVolumes") as List<object?> ?? [];
        foreach (var volume in extra.Cast<SortedDictionary<string, object?>>())
        {
            mounts.Add(PlainYaml.Map([.. volume.Where(field => field.Key is "mountPath" or "name" or "readOnly").Select(field => (field.Key, field.Value))]));
            volumes.Add(PlainYaml.Map(("hostPath", PlainYaml.Map(("path", volume["hostPath"]), ("type", volume["pathType"]))), ("name", volume["name"])));
        }
    }

    private static SortedDictionary<string, object?> Probe(KubeadmFile file, string path, int failures, int period, bool delay)
    {
        var probe = PlainYaml.Map(
            ("failureThreshold", $"{failures}"),
            ("httpGet", PlainYaml.Map(("host", file.Address), ("path", path), ("port", "probe-port"), ("scheme", "HTTPS"))),
            ("periodSeconds", $"{period}"),
            ("timeoutSeconds", "15"));
        if (delay)
        {
            probe["initialDelaySeconds"] = "10";
        }

        return probe;
    }

    private static SortedDictionary<string, object?> Volume(string name, string path) => PlainYaml.Map(("hostPath", PlainYaml.Map(("path", path), ("type", "DirectoryOrCreate"))), ("name", name));

    private static SortedDictionary<string, object?> Mount(string name, string path) => PlainYaml.Map(("mountPath", path), ("name", name), ("readOnly", "true"));
}
