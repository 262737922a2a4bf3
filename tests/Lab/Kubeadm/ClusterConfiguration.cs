using EtcdFleet.Lab.Machines;

namespace EtcdFleet.Lab.Kubeadm;

/// <summary>The cluster as its user once wrote it down for <c>kubeadm init</c>: unlike the defaults wherever a careless upload would lose something (FACTS 12).</summary>
internal static class ClusterConfiguration
{
    /// <summary>clusterName.</summary>
    public const string Name = "kkg";

    /// <summary>controlPlaneEndpoint: the load balancer.</summary>
    public const string Endpoint = $"{LoadBalancer.HostName}:6443";

    /// <summary>imageRepository: where everything but etcd comes from.</summary>
    public const string ImageRepository = "registry.kkg.internal/kubernetes";

    /// <summary>networking.dnsDomain.</summary>
    public const string DnsDomain = "kkg.internal";

    /// <summary>The first address of networking.serviceSubnet, 10.97.0.0/16.</summary>
    public const string FirstServiceAddress = "10.97.0.1";

    /// <summary>apiServer.certSANs.</summary>
    public static IReadOnlyList<string> CertificateNames { get; } = [LoadBalancer.HostName, LoadBalancer.Address];

    /// <summary>The whole file for a node: its InitConfiguration, and the ClusterConfiguration.</summary>
    public static string File(LabOptions options, LabNode node) =>
        $$"""
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        localAPIEndpoint:
          advertiseAddress: {{node.Address}}
          bindPort: 6443
        nodeRegistration:
          criSocket: unix:///run/containerd/containerd.sock
          name: {{node.Name}}
        {{(options.Patches.Count > 0 ? $"patches:\n  directory: {ControlPlane.PatchesFolder}\n" : "")}}---
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        apiServer:
          certSANs: [{{string.Join(", ", CertificateNames)}}]
          extraArgs:
          - {name: audit-log-maxage, value: "7"}
          - {name: default-watch-cache-size, value: "150"}
        clusterName: {{Name}}
        controlPlaneEndpoint: {{Endpoint}}
        encryptionAlgorithm: ECDSA-P256
        etcd:
          local:
            dataDir: {{node.Options.DataDir}}
            extraArgs:
        {{string.Join('\n', options.EtcdExtraArgs.Select(a => $"    - {{name: {a.Key}, value: \"{a.Value}\"}}"))}}
            imageRepository: registry.k8s.io
            imageTag: {{options.EtcdVersion}}-0
        featureGates:
          NodeLocalCRISocket: true
        imageRepository: {{ImageRepository}}
        kubernetesVersion: {{options.KubernetesVersion}}
        networking:
          dnsDomain: {{DnsDomain}}
          podSubnet: 10.244.0.0/16
          serviceSubnet: 10.97.0.0/16

        """;
}
