using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.RealKubernetes;

/// <summary>What is written into a node that runs real containers, before it boots: what the packages of containerd and kubeadm leave, and the way to cgroup v1's controllers.</summary>
internal static class RealNode
{
    /// <summary>Where a node sees the programs.</summary>
    public const string Programs = "/opt/etcdfleet-lab/kube";

    /// <summary>Where a node sees the images' files.</summary>
    public const string ImageFiles = "/opt/etcdfleet-lab/image-files";

    private const string Groups = "etcdfleet-lab-cgroups.service";

    /// <summary>The files.</summary>
    public static Dictionary<string, string> Files(string pauseImage) => new()
    {
        // systemd-nspawn shows v1's controllers, but lets nobody make a group below them.
        [$"/etc/systemd/system/{Groups}"] =
            $"""
            [Unit]
            Description=The lab's way to cgroup v1's controllers
            DefaultDependencies=no
            After=sysinit.target
            Before=containerd.service kubelet.service
            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/sh -ec 'mount -o remount,bind,rw /sys/fs/cgroup; for c in {string.Join(' ', ControlGroups.ContainerControllers)}; do mount -o remount,bind,rw /sys/fs/cgroup/$$c; done'
            [Install]
            WantedBy=multi-user.target

            """,
        ["/etc/containerd/config.toml"] =
            $"""
            version = 2
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "{pauseImage}"
              disable_apparmor = true
              restrict_oom_score_adj = true
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
              runtime_type = "io.containerd.runc.v2"
            [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
              SystemdCgroup = false

            """,
        ["/etc/systemd/system/kubelet.service"] =
            """
            [Unit]
            Description=kubelet: The Kubernetes Node Agent
            Wants=network-online.target containerd.service
            After=network-online.target containerd.service
            StartLimitIntervalSec=0
            [Service]
            Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
            Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
            EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
            ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
            Restart=always
            RestartSec=2
            [Install]
            WantedBy=multi-user.target

            """,
    };

    /// <summary>The links. Debian's containerd is enabled by its package.</summary>
    public static IReadOnlyDictionary<string, string> Links { get; } = new Dictionary<string, string>(
    [
        NodeFiles.Enabled(Groups, "multi-user.target"),
        NodeFiles.Enabled("kubelet.service", "multi-user.target"),
        .. new[] { "kubeadm", "kubelet", "kubectl" }.Select(program => new KeyValuePair<string, string>($"/usr/bin/{program}", $"{Programs}/{program}")),
    ]);
}
