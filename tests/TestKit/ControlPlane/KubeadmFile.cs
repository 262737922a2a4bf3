namespace EtcdFleet.TestKit;

/// <summary>A configuration file as kubeadm reads it: what it refuses, and what it makes of it.</summary>
internal sealed class KubeadmFile
{
    private static readonly string[] Known =
    [
        "apiServer", "apiVersion", "caCertificateValidityPeriod", "certificateValidityPeriod", "certificatesDir", "clusterName", "controlPlaneEndpoint", "controllerManager", "dns", "encryptionAlgorithm",
        "etcd", "featureGates", "imageRepository", "kind", "kubernetesVersion", "networking", "proxy", "scheduler",
    ];

    private readonly int _minor;

    /// <param name="text">All of the file.</param>
    /// <param name="minor">Of the kubeadm that reads it.</param>
    public KubeadmFile(string text, int minor)
    {
        _minor = minor;
        foreach (var document in text.Split("\n---\n").Select(PlainYaml.Parse))
        {
            _ = (string)document["kind"]! == "InitConfiguration" ? Init = document : Cluster = document;
        }
    }

    /// <summary>Null where the file has none, and kubeadm looks at the machine instead.</summary>
    public SortedDictionary<string, object?>? Init { get; }

    public SortedDictionary<string, object?> Cluster { get; } = [];

    /// <summary>The API version that this kubeadm writes (FACTS 16).</summary>
    public string Newest => _minor < 31 ? "kubeadm.k8s.io/v1beta3" : "kubeadm.k8s.io/v1beta4";

    public string Address => Text(Init?.GetValueOrDefault("localAPIEndpoint"), "advertiseAddress");

    public string Port => Text(Init?.GetValueOrDefault("localAPIEndpoint"), "bindPort");

    public string Socket => Text(Init?.GetValueOrDefault("nodeRegistration"), "criSocket");

    /// <summary>Empty: none.</summary>
    public string Patches => Text(Init?.GetValueOrDefault("patches"), "directory");

    /// <summary>As in 400s; empty: kubeadm's default.</summary>
    public string Timeout => Text(Init?.GetValueOrDefault("timeouts"), "controlPlaneComponentHealthCheck");

    /// <summary>A field that kubeadm does not know; only 'config validate' and 'config migrate' stop at one.</summary>
    public string UnknownField => Cluster.Keys.FirstOrDefault(key => !Known.Contains(key)) ?? "";

    /// <summary>What every command refuses; empty when nothing is.</summary>
    public string Refusal()
    {
        var version = (string)Cluster["apiVersion"]!;
        var list = Etcd("external") is { } external ? [.. (List<object?>)external["endpoints"]!] : new List<object?>();
        return version != Newest && version != "kubeadm.k8s.io/v1beta3" ? $"your configuration file uses an old API spec: \"{version}\" (kind: \"ClusterConfiguration\")"
            : version == "kubeadm.k8s.io/v1beta4" && Args().Any(args => args is SortedDictionary<string, object?>) ? "json: cannot unmarshal object into Go struct field APIServer.apiServer.ControlPlaneComponent.extraArgs of type []v1beta4.Arg"
            : version == "kubeadm.k8s.io/v1beta3" && Args().Any(args => args is List<object?>) ? "json: cannot unmarshal array into Go struct field APIServer.apiServer.ControlPlaneComponent.extraArgs of type map[string]string"
            : Address.StartsWith("127.", StringComparison.Ordinal) ? $"cannot use \"{Address}\" as the bind address for the API Server"
            : list.Any(endpoint => !((string)endpoint!).StartsWith("https://", StringComparison.Ordinal)) ? $"etcd.external.endpoints: Invalid value: \"{list[0]}\": the URL must be using the HTTPS scheme"
            : Cluster.ContainsKey("kubernetesVersion") ? "" : "could not fetch a Kubernetes version from the internet";
    }

    /// <summary>The ClusterConfiguration as kubeadm stores it: its API version, its defaults, nothing that it does not know (FACTS 12).</summary>
    public string Stored()
    {
        var stored = PlainYaml.Map([.. Cluster.Where(field => Known.Contains(field.Key)).Select(field => (field.Key, field.Value))]);
        stored["apiVersion"] = Newest;
        stored.TryAdd("certificatesDir", "/etc/kubernetes/pki");
        stored.TryAdd("clusterName", "kubernetes");
        stored.TryAdd("imageRepository", "registry.k8s.io");
        foreach (var part in (string[])["apiServer", "controllerManager", "dns", "scheduler"])
        {
            stored.TryAdd(part, PlainYaml.Map());
        }

        stored["networking"] = PlainYaml.Merge(PlainYaml.Map(("dnsDomain", "cluster.local"), ("serviceSubnet", "10.96.0.0/12")), stored.GetValueOrDefault("networking") ?? PlainYaml.Map());
        stored["etcd"] = Etcd("external") is { } external
            ? PlainYaml.Map(("external", _minor < 35 || external.ContainsKey("httpEndpoints") ? external : PlainYaml.Merge(external, PlainYaml.Map(("httpEndpoints", external["endpoints"])))))
            : PlainYaml.Map(("local", PlainYaml.Merge(PlainYaml.Map(("dataDir", "/var/lib/etcd")), Etcd("local") ?? PlainYaml.Map())));
        return PlainYaml.Write(_minor < 31 ? Old(stored) : New(stored));
    }

    /// <summary>The extraArgs of a part as names and values, in their order.</summary>
    public static IEnumerable<(string Name, string Value)> ArgsOf(object? part) => (part as SortedDictionary<string, object?>)?.GetValueOrDefault("extraArgs") switch
    {
        SortedDictionary<string, object?> map => map.Select(arg => (arg.Key, (string)arg.Value!)),
        List<object?> list => list.Cast<SortedDictionary<string, object?>>().Select(arg => ((string)arg["name"]!, (string)arg["value"]!)),
        _ => [],
    };

    public SortedDictionary<string, object?>? Etcd(string mode) => (Cluster.GetValueOrDefault("etcd") as SortedDictionary<string, object?>)?.GetValueOrDefault(mode) as SortedDictionary<string, object?>;

    private static SortedDictionary<string, object?> Old(SortedDictionary<string, object?> stored)
    {
        stored["apiServer"] = PlainYaml.Merge(PlainYaml.Map(("timeoutForControlPlane", "4m0s")), stored["apiServer"]);
        return stored;
    }

    private static SortedDictionary<string, object?> New(SortedDictionary<string, object?> stored)
    {
        stored.TryAdd("proxy", PlainYaml.Map());
        stored.TryAdd("caCertificateValidityPeriod", "87600h0m0s");
        stored.TryAdd("certificateValidityPeriod", "8760h0m0s");
        stored.TryAdd("encryptionAlgorithm", "RSA-2048");
        foreach (var part in (string[])["apiServer", "controllerManager", "scheduler"])
        {
            stored[part] = AsList(stored[part]);
        }

        if (((SortedDictionary<string, object?>)stored["etcd"]!).TryGetValue("local", out var local))
        {
            stored["etcd"] = PlainYaml.Map(("local", AsList(local)));
        }

        return stored;
    }

    /// <summary>v1beta3's map of extraArgs as v1beta4's list; the time limit is no field of the cluster's any more.</summary>
    private static SortedDictionary<string, object?> AsList(object? part)
    {
        var now = PlainYaml.Map([.. ((SortedDictionary<string, object?>)part!).Where(field => field.Key != "timeoutForControlPlane").Select(field => (field.Key, field.Value))]);
        if (now.GetValueOrDefault("extraArgs") is SortedDictionary<string, object?>)
        {
            now["extraArgs"] = PlainYaml.List(ArgsOf(part).Select(arg => PlainYaml.Map(("name", arg.Name), ("value", arg.Value))));
        }

        return now;
    }

    private IEnumerable<object?> Args() => new[] { Cluster.GetValueOrDefault("apiServer"), Cluster.GetValueOrDefault("controllerManager"), Cluster.GetValueOrDefault("scheduler"), Etcd("local") }
        .OfType<SortedDictionary<string, object?>>().Select(part => part.GetValueOrDefault("extraArgs"));

    private static string Text(object? map, string key) => (map as SortedDictionary<string, object?>)?.GetValueOrDefault(key) as string ?? "";
}
