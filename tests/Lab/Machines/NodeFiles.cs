using EtcdFleet.Lab.StandIns;

namespace EtcdFleet.Lab.Machines;

/// <summary>What is written into a node before it boots.</summary>
internal static class NodeFiles
{
    /// <summary>Where a node sees the stand-ins.</summary>
    public const string StandIns = "/opt/etcdfleet-lab/bin";

    /// <summary>Where a node sees this machine's .NET.</summary>
    public const string DotNet = "/opt/etcdfleet-lab/dotnet";

    /// <summary>Where a node sees the images' binaries: <c>etcd-3.5.16-0/etcd</c>.</summary>
    public const string Images = "/opt/etcdfleet-lab/images";

    /// <summary>Where a node sees the binaries of etcd's image.</summary>
    public static string EtcdImage(string version) => $"{Images}/etcd-{version}-0";

    /// <summary>What every machine of the lab has: its name, everybody's names, its address.</summary>
    public static Dictionary<string, string> Basic(string name, string address, IEnumerable<(string Name, string Address)> everybody) => new()
    {
        ["/etc/hostname"] = $"{name}\n",
        // Left empty, the id would be made from this machine's, the same in every node.
        ["/etc/machine-id"] = $"{Guid.NewGuid():N}\n",
        ["/etc/hosts"] = string.Concat(everybody.Select(n => $"{n.Address} {n.Name}\n").Prepend("127.0.0.1 localhost\n::1 localhost ip6-localhost\n")),
        // systemd-networkd would wait for a udev that is not there; this also holds after a reboot.
        ["/etc/systemd/system/etcdfleet-lab-network.service"] =
            $"""
            [Unit]
            Description=The lab's network
            DefaultDependencies=no
            After=sysinit.target
            Before=network.target network-online.target
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/usr/sbin/ip addr replace {address}/24 dev host0
            ExecStart=/usr/sbin/ip link set host0 up
            ExecStart=/usr/sbin/ip route replace default via {Host.LabNetwork.Gateway}
            [Install]
            WantedBy=basic.target network-online.target

            """,
    };

    /// <summary>
    /// Lets the agent run the kubeadm stand-in, which is compiled while it runs: that takes memory that is written and then executed, and
    /// calls that size the collector. A real kubeadm needs neither; everything else of the agent's sandbox holds for both.
    /// </summary>
    public static KeyValuePair<string, string> AgentRunsKubeadm { get; } = new(
        "/etc/systemd/system/etcdfleet-agent.service.d/lab-kubeadm-stand-in.conf", "[Service]\nMemoryDenyWriteExecute=no\nSystemCallFilter=@resources\n");

    /// <summary>The stand-ins of a control-plane node, and what kubeadm leaves for a kubelet.</summary>
    public static Dictionary<string, string> ControlPlane(LabNode node, LabOptions options) => new()
    {
        // Programs that are started without any environment find .NET here.
        ["/etc/dotnet/install_location"] = $"{DotNet}\n",
        [NodeBehaviour.Path] = new NodeBehaviour
        {
            KubeadmVersion = node.Options.KubeadmVersion ?? options.KubernetesVersion,
            ApiServerReadyAfter = options.ApiServerTimes.Ready,
            ApiServerRolesAfter = options.ApiServerTimes.Ready / 2,
            ApiServerGoesOn = options.ApiServerTimes.GoesOn,
            PreflightErrors = node.Options.PreflightErrors,
        }.ToText(),
        ["/etc/systemd/system/containerd.service"] = StandInUnit("containerd container runtime (stand-in of the lab)", "containerd", "local-fs.target"),
        ["/etc/systemd/system/kubelet.service"] = StandInUnit("kubelet: The Kubernetes Node Agent (stand-in of the lab)", "kubelet", "network-online.target containerd.service"),
        ["/var/lib/kubelet/kubeadm-flags.env"] = $"KUBELET_KUBEADM_ARGS=\"--node-ip={node.Address} --pod-infra-container-image=registry.k8s.io/pause:3.10.1\"\n",
        ["/var/lib/kubelet/instance-config.yaml"] =
            """
            apiVersion: kubelet.config.k8s.io/v1beta1
            containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
            kind: KubeletConfiguration

            """,
        ["/var/lib/kubelet/config.yaml"] = KubeletConfiguration,
        ["/etc/kubernetes/kubelet.conf"] = $"# The lab's stand-in for {node.Name}'s kubeconfig; there is no apiserver to talk to.\n",
    };

    /// <summary>Links that every machine of the lab has.</summary>
    public static Dictionary<string, string> BasicLinks() =>
        new([Enabled("etcdfleet-lab-network.service", "basic.target"), Enabled("etcdfleet-lab-network.service", "network-online.target")]);

    /// <summary>The stand-ins by the names that they are started by.</summary>
    public static IReadOnlyDictionary<string, string> StandInLinks(LabOptions options) => new Dictionary<string, string>(
    [
        Enabled("containerd.service", "multi-user.target"),
        Enabled("kubelet.service", "multi-user.target"),
        new("/usr/bin/kubeadm", $"{StandIns}/etcdfleet-lab-standins"),
        new($"{Images}/kube-apiserver-{options.KubernetesVersion}/kube-apiserver", $"{StandIns}/etcdfleet-lab-standins"),
    ]);

    /// <summary>The link that makes a target want a unit of the node's own.</summary>
    public static KeyValuePair<string, string> Enabled(string unit, string target) => new($"/etc/systemd/system/{target}.wants/{unit}", $"/etc/systemd/system/{unit}");

    private const string KubeletConfiguration =
        """
        apiVersion: kubelet.config.k8s.io/v1beta1
        authentication:
          anonymous:
            enabled: false
          webhook:
            cacheTTL: 0s
            enabled: true
          x509:
            clientCAFile: /etc/kubernetes/pki/ca.crt
        authorization:
          mode: Webhook
          webhook:
            cacheAuthorizedTTL: 0s
            cacheUnauthorizedTTL: 0s
        cgroupDriver: systemd
        clusterDNS:
        - 10.97.0.10
        clusterDomain: kkg.internal
        containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
        cpuManagerReconcilePeriod: 0s
        evictionPressureTransitionPeriod: 0s
        fileCheckFrequency: 0s
        healthzBindAddress: 127.0.0.1
        healthzPort: 10248
        httpCheckFrequency: 0s
        imageMaximumGCAge: 0s
        imageMinimumGCAge: 0s
        kind: KubeletConfiguration
        nodeStatusReportFrequency: 0s
        nodeStatusUpdateFrequency: 0s
        rotateCertificates: true
        runtimeRequestTimeout: 0s
        shutdownGracePeriod: 0s
        shutdownGracePeriodCriticalPods: 0s
        staticPodPath: /etc/kubernetes/manifests
        streamingConnectionIdleTimeout: 0s
        syncFrequency: 0s
        volumeStatsAggPeriod: 0s

        """;

    /// <remarks>KillMode=process, and the containers are in control groups of their own: they outlive the kubelet, as real ones do.</remarks>
    private static string StandInUnit(string description, string standIn, string after) =>
        $"""
        [Unit]
        Description={description}
        Wants={after}
        After={after}
        StartLimitIntervalSec=0
        [Service]
        Type=notify
        Environment=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_EnableDiagnostics=0 DOTNET_gcServer=0 DOTNET_TieredPGO=0
        ExecStart={DotNet}/dotnet {StandIns}/etcdfleet-lab-standins.dll {standIn}
        KillMode=process
        Restart=always
        RestartSec=2
        [Install]
        WantedBy=multi-user.target

        """;
}
