namespace EtcdFleet.Lab.Tests.StandIns.Kubeadm;

/// <summary>Configurations for kubeadm, as small as can be.</summary>
internal static class Configurations
{
    public const string Init =
        """
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: InitConfiguration
        localAPIEndpoint: {advertiseAddress: 10.66.0.11, bindPort: 6443}
        nodeRegistration: {name: cp1}

        """;

    /// <summary>A cluster that differs from kubeadm's defaults.</summary>
    public static string Cluster(string more = "", string version = "v1.35.6") =>
        $$"""
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        kubernetesVersion: {{version}}
        clusterName: kkg
        networking: {serviceSubnet: 10.97.0.0/16}
        apiServer:
          certSANs: [k8s-api]
          extraArgs: [{name: audit-log-maxage, value: "7"}]
        {{more}}

        """;

    public static string External(string endpoints = "https://10.66.0.11:2379, https://10.66.0.12:2379", string folder = "/etc/kubernetes/pki/etcd") =>
        $$"""
        etcd:
          external:
            endpoints: [{{endpoints}}]
            caFile: {{folder}}/ca.crt
            certFile: /etc/kubernetes/pki/apiserver-etcd-client.crt
            keyFile: /etc/kubernetes/pki/apiserver-etcd-client.key
        """;

    /// <summary>Both, in one file.</summary>
    public static string Both(string cluster) => $"{Init}---\n{cluster}";
}
