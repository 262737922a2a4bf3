using System.Text;
using EtcdFleet.Agent.Kube;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Kube;

/// <summary>Manifests of the real shape, and changes to them.</summary>
internal static class KubeadmPods
{
    public const string DataDir = "/var/lib/etcd";
    public const string Pki = "/etc/kubernetes/pki/etcd";

    private static readonly string[] Common =
    [
        "--advertise-client-urls=https://10.66.0.11:2379",
        "--cert-file=/etc/kubernetes/pki/etcd/server.crt",
        "--client-cert-auth=true",
        "--data-dir=/var/lib/etcd",
        "--initial-advertise-peer-urls=https://10.66.0.11:2380",
        "--initial-cluster=cp1=https://10.66.0.11:2380",
        "--key-file=/etc/kubernetes/pki/etcd/server.key",
        "--listen-client-urls=https://127.0.0.1:2379,https://10.66.0.11:2379",
        "--listen-metrics-urls=http://127.0.0.1:2381",
        "--listen-peer-urls=https://10.66.0.11:2380",
        "--name=cp1",
        "--peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt",
        "--peer-client-cert-auth=true",
        "--peer-key-file=/etc/kubernetes/pki/etcd/peer.key",
        "--peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt",
        "--snapshot-count=10000",
        "--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt",
    ];

    /// <summary>kubeadm 1.33 (etcd 3.5) and 1.34, 1.35 (etcd 3.6; FACTS 9), by the minor version.</summary>
    public static string Kubeadm(int minor) => minor == 33
        ? Text([.. Common, "--experimental-initial-corrupt-check=true", "--experimental-watch-progress-notify-interval=5s"], "registry.k8s.io/etcd:3.5.24-0")
        : Text([.. Common, "--feature-gates=InitialCorruptCheck=true", "--watch-progress-notify-interval=5s"], "registry.k8s.io/etcd:3.6.6-0");

    /// <summary>kubeadm 1.35's manifest with further flags, each as an item of the command.</summary>
    public static string With(params string[] flags) => Text([.. Common, "--feature-gates=InitialCorruptCheck=true", "--watch-progress-notify-interval=5s", .. flags], "registry.k8s.io/etcd:3.6.6-0");

    /// <summary>kubeadm 1.35's manifest with one text exchanged for another.</summary>
    public static string Changed(string from, string to)
    {
        var text = With();
        Assert.Contains(from, text);
        return text.Replace(from, to);
    }

    /// <summary>As <see cref="Changed"/>, with an environment for the container.</summary>
    public static string WithEnvironment(params string[] lines) =>
        Changed("    imagePullPolicy: IfNotPresent\n", $"    imagePullPolicy: IfNotPresent\n    env:\n{string.Concat(lines.Select(line => $"    {line}\n"))}");

    public static EtcdManifest Read(string text) => EtcdManifestReader.Read(Encoding.UTF8.GetBytes(text), "/etc/kubernetes/manifests/etcd.yaml");

    private static string Text(IEnumerable<string> flags, string image) => KubeadmManifest.Text(flags, DataDir, Pki, image);
}
