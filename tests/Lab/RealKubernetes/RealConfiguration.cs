using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.RealKubernetes;

/// <summary>What a real kubeadm is given beyond the user's own configuration.</summary>
internal static class RealConfiguration
{
    /// <summary>For <c>kubeadm init</c>: the user's file, and the kubelet's settings that cgroup v1 and a machine with swap take.</summary>
    public static string Init(LabOptions options, LabNode node) =>
        $"""
        {ClusterConfiguration.File(options, node)}---
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        cgroupDriver: cgroupfs
        failCgroupV1: false
        failSwapOn: false

        """;

    /// <summary>For <c>kubeadm join --control-plane</c>.</summary>
    public static string Join(LabOptions options, LabNode node, string token, string authorityHash, string certificateKey) =>
        $$"""
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: JoinConfiguration
        controlPlane:
          certificateKey: {{certificateKey}}
          localAPIEndpoint:
            advertiseAddress: {{node.Address}}
            bindPort: 6443
        discovery:
          bootstrapToken:
            apiServerEndpoint: {{ClusterConfiguration.Endpoint}}
            caCertHashes: ["sha256:{{authorityHash}}"]
            token: {{token}}
        nodeRegistration:
          criSocket: unix:///run/containerd/containerd.sock
          name: {{node.Name}}
        {{(options.Patches.Count > 0 ? $"patches:\n  directory: {ControlPlane.PatchesFolder}\n" : "")}}
        """;
}
