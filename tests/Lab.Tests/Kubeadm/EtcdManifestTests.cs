using EtcdFleet.Lab.Kubeadm;
using EtcdFleet.Lab.StandIns.Kubelet;
using Xunit;

namespace EtcdFleet.Lab.Tests.Kubeadm;

/// <summary>FACTS 9: kubeadm's flags, all of them and no others.</summary>
public sealed class EtcdManifestTests
{
    private static readonly string[] Common =
    [
        "advertise-client-urls", "cert-file", "client-cert-auth", "data-dir", "initial-advertise-peer-urls", "initial-cluster", "key-file", "listen-client-urls",
        "listen-metrics-urls", "listen-peer-urls", "name", "peer-cert-file", "peer-client-cert-auth", "peer-key-file", "peer-trusted-ca-file", "snapshot-count", "trusted-ca-file",
    ];

    [Theory]
    [InlineData("3.5.16", "experimental-initial-corrupt-check", "experimental-watch-progress-notify-interval")]
    [InlineData("3.6.6", "feature-gates", "watch-progress-notify-interval")]
    public void Flags_AreKubeadmsForThatMinor_AndTheUsersExtraArgs(string version, string corruptCheck, string progress)
    {
        var names = Manifest(version, 1).Flags().Select(f => f[2..].Split('=')[0]).ToList();
        Assert.Equal([.. Common.Concat([corruptCheck, progress, "quota-backend-bytes"]).Order(StringComparer.Ordinal)], names);
    }

    [Fact]
    public void Flags_OfAJoinedNode_NameTheMembersUpToIt_AndSayExisting()
    {
        Assert.Contains("--initial-cluster=cp1=https://10.66.0.11:2380,cp2=https://10.66.0.12:2380", Manifest("3.5.16", 2).Flags());
        Assert.Contains("--initial-cluster-state=existing", Manifest("3.5.16", 2).Flags());
        Assert.DoesNotContain("--initial-cluster-state=existing", Manifest("3.5.16", 1).Flags());
    }

    [Fact]
    public void ToYaml_IsAPodThatTheKubeletRuns()
    {
        var manifest = Manifest("3.5.16", 1);
        var pod = StaticPodParser.Parse(manifest.ToYaml(), EtcdManifest.Path, "cp1");
        Assert.Equal("kube-system/etcd-cp1", pod.Key);
        Assert.Equal("registry.k8s.io/etcd:3.5.16-0", pod.Image);
        Assert.Equal(["etcd", .. manifest.Flags()], pod.Command);
    }

    private static EtcdManifest Manifest(string version, int node) => new()
    {
        Version = version,
        MemberName = $"cp{node}",
        Address = $"10.66.0.1{node}",
        DataDir = "/var/lib/etcd",
        InitialCluster = [.. Enumerable.Range(1, node).Select(n => ($"cp{n}", $"10.66.0.1{n}"))],
        ExtraArgs = new LabOptions().EtcdExtraArgs,
    };
}
