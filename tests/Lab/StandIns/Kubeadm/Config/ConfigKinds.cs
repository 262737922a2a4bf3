namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>The kinds of kubeadm's configuration and their fields, by version of its API.</summary>
internal static class ConfigKinds
{
    /// <summary>The group of kubeadm's own kinds.</summary>
    public const string Group = "kubeadm.k8s.io";

    private static readonly FieldType Taint = FieldType.Object("Taint", ("key", FieldType.Text), ("value", FieldType.Text), ("effect", FieldType.Text), ("timeAdded", FieldType.Text));
    private static readonly FieldType Endpoint = FieldType.Object("APIEndpoint", ("advertiseAddress", FieldType.Text), ("bindPort", FieldType.Number));
    private static readonly FieldType Patches = FieldType.Object("Patches", ("directory", FieldType.Text));
    private static readonly FieldType Head = FieldType.Object("", ("apiVersion", FieldType.Text), ("kind", FieldType.Text));

    private static readonly FieldType Volume = FieldType.Object(
        "HostPathMount", ("name", FieldType.Text), ("hostPath", FieldType.Text), ("mountPath", FieldType.Text), ("readOnly", FieldType.Flag), ("pathType", FieldType.Text));

    private static readonly FieldType Token = FieldType.Object(
        "BootstrapToken", ("token", FieldType.Text), ("description", FieldType.Text), ("ttl", FieldType.Text), ("expires", FieldType.Text), ("usages", FieldType.Texts), ("groups", FieldType.Texts));

    private static readonly FieldType Timeouts = FieldType.Object(
        "Timeouts", ("controlPlaneComponentHealthCheck", FieldType.Text), ("kubeletHealthCheck", FieldType.Text), ("kubernetesAPICall", FieldType.Text),
        ("etcdAPICall", FieldType.Text), ("tlsBootstrap", FieldType.Text), ("discovery", FieldType.Text), ("upgradeManifests", FieldType.Text));

    private static readonly FieldType Node = FieldType.Object(
        "NodeRegistrationOptions", ("name", FieldType.Text), ("criSocket", FieldType.Text), ("taints", FieldType.List(Taint)), ("kubeletExtraArgs", FieldType.Arguments),
        ("ignorePreflightErrors", FieldType.Texts), ("imagePullPolicy", FieldType.Text), ("imagePullSerial", FieldType.Flag));

    private static readonly FieldType Component = FieldType.Object(
        "ControlPlaneComponent", ("extraArgs", FieldType.Arguments), ("extraVolumes", FieldType.List(Volume)), ("extraEnvs", FieldType.List(FieldType.Anything)));

    private static readonly FieldType LocalEtcd = FieldType.Object(
        "LocalEtcd", ("imageRepository", FieldType.Text), ("imageTag", FieldType.Text), ("dataDir", FieldType.Text), ("extraArgs", FieldType.Arguments),
        ("extraEnvs", FieldType.List(FieldType.Anything)), ("serverCertSANs", FieldType.Texts), ("peerCertSANs", FieldType.Texts));

    private static readonly FieldType ExternalEtcd = FieldType.Object(
        "ExternalEtcd", ("endpoints", FieldType.Texts), ("httpEndpoints", FieldType.Texts), ("caFile", FieldType.Text), ("certFile", FieldType.Text), ("keyFile", FieldType.Text));

    private static readonly FieldType Networking = FieldType.Object("Networking", ("serviceSubnet", FieldType.Text), ("podSubnet", FieldType.Text), ("dnsDomain", FieldType.Text));

    private static readonly FieldType Image = FieldType.Object("DNS", ("imageRepository", FieldType.Text), ("imageTag", FieldType.Text));

    /// <summary>The fields of one of kubeadm's kinds as this version of kubeadm knows them; null when it knows no such kind.</summary>
    public static FieldType? Find(string api, string kind, KubernetesVersion kubeadm) => (api, kind) switch
    {
        ("kubeadm.k8s.io/v1beta4", "InitConfiguration") => Init(Node, FieldType.Arguments).With(("dryRun", FieldType.Flag), ("timeouts", Timeouts)),
        ("kubeadm.k8s.io/v1beta3", "InitConfiguration") => Init(Node.Without("imagePullSerial"), FieldType.Map(FieldType.Text)),
        ("kubeadm.k8s.io/v1beta4", "ClusterConfiguration") => Cluster(kubeadm),
        ("kubeadm.k8s.io/v1beta3", "ClusterConfiguration") => OldCluster(),
        ("kubeadm.k8s.io/v1beta4", "JoinConfiguration" or "ResetConfiguration" or "UpgradeConfiguration") => FieldType.Anything,
        ("kubeadm.k8s.io/v1beta3", "JoinConfiguration") => FieldType.Anything,
        ("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration") or ("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration") => FieldType.Anything,
        _ => null,
    };

    private static FieldType Init(FieldType node, FieldType arguments) => Head.With(
        ("bootstrapTokens", FieldType.List(Token)), ("nodeRegistration", node.With(("kubeletExtraArgs", arguments))), ("localAPIEndpoint", Endpoint),
        ("certificateKey", FieldType.Text), ("skipPhases", FieldType.Texts), ("patches", Patches));

    private static FieldType Cluster(KubernetesVersion kubeadm)
    {
        // FACTS 16: from 1.35.
        var external = kubeadm.Minor >= 35 ? ExternalEtcd : ExternalEtcd.Without("httpEndpoints");
        return Head.With(
            ("etcd", FieldType.Object("Etcd", ("local", LocalEtcd), ("external", external))), ("networking", Networking), ("kubernetesVersion", FieldType.Text),
            ("controlPlaneEndpoint", FieldType.Text), ("apiServer", Component.With(("certSANs", FieldType.Texts))), ("controllerManager", Component), ("scheduler", Component),
            ("dns", Image.With(("disabled", FieldType.Flag))), ("proxy", FieldType.Object("Proxy", ("disabled", FieldType.Flag))), ("certificatesDir", FieldType.Text),
            ("imageRepository", FieldType.Text), ("featureGates", FieldType.Map(FieldType.Flag)), ("clusterName", FieldType.Text), ("encryptionAlgorithm", FieldType.Text),
            ("certificateValidityPeriod", FieldType.Text), ("caCertificateValidityPeriod", FieldType.Text));
    }

    private static FieldType OldCluster()
    {
        var arguments = ("extraArgs", FieldType.Map(FieldType.Text));
        var component = Component.Without("extraEnvs").With(arguments);
        return Head.With(
            ("etcd", FieldType.Object("Etcd", ("local", LocalEtcd.Without("extraEnvs").With(arguments)), ("external", ExternalEtcd.Without("httpEndpoints")))),
            ("networking", Networking), ("kubernetesVersion", FieldType.Text), ("controlPlaneEndpoint", FieldType.Text),
            ("apiServer", component.With(("certSANs", FieldType.Texts), ("timeoutForControlPlane", FieldType.Text))), ("controllerManager", component), ("scheduler", component),
            ("dns", Image), ("certificatesDir", FieldType.Text), ("imageRepository", FieldType.Text), ("featureGates", FieldType.Map(FieldType.Flag)), ("clusterName", FieldType.Text));
    }
}
