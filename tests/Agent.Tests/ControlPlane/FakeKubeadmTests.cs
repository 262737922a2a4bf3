using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

/// <summary>The stand-in is no kinder than the real one: what it makes of a configuration is what a real kubeadm 1.36.2 made of it.</summary>
public sealed class FakeKubeadmTests
{
    private const string Init = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\nlocalAPIEndpoint:\n  advertiseAddress: 10.66.0.11\n  bindPort: 6443\nnodeRegistration:\n  criSocket: unix:///run/containerd/containerd.sock\n  name: cp1\n---\n";

    [Theory]
    [InlineData("1.36-rich.yaml", 36)]
    [InlineData("1.31-plain.yaml", 31)]
    [InlineData("1.32-gates.yaml", 32)]
    [InlineData("1.35-external.yaml", 35)]
    [InlineData("1.30-v1beta3.yaml", 30)]
    public void Stored_WhatKubeadmHasWritten_IsTheSameText(string golden, int minor) =>
        Assert.Equal(Golden.Read(golden), new KubeadmFile(Init + Golden.Read(golden), minor).Stored());

    [Fact]
    public void ApiServer_OfTheRichConfiguration_IsTheRealManifest()
    {
        var external = ClusterConfiguration.Parse(Golden.Read("1.36-rich.yaml")).WithExternalEtcd(["https://10.66.0.11:2379", "https://10.66.0.12:2379"], httpEndpoints: true);
        var (real, fake) = (Golden.Read("1.36-rich-apiserver.yaml"), FakeApiServerPod.Text(new(Init + external.Text, 36), []));

        // Mounts of the machine's own CA folders apart: kubeadm adds those that the machine has.
        foreach (var folder in (string[])["/etc/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/ca-certificates"])
        {
            var name = folder[1..].Replace('/', '-');
            real = real.Replace($"    - mountPath: {folder}\n      name: {name}\n      readOnly: true\n", "").Replace($"  - hostPath:\n      path: {folder}\n      type: DirectoryOrCreate\n    name: {name}\n", "");
        }

        Assert.True(ManifestComparison.Of(ApiServerManifest.Parse(real, "real"), ApiServerManifest.Parse(fake, "fake")).Same);
        Assert.Equal(ApiServerManifest.Parse(real, "real").Command, ApiServerManifest.Parse(fake, "fake").Command);
    }

    [Fact]
    public void Migrate_OlderVersion_WritesListsAndDropsTheTimeLimit()
    {
        var stored = ClusterConfiguration.Parse(new KubeadmFile(Init + Golden.Read("1.30-v1beta3.yaml"), 36).Stored());

        Assert.Equal(
            ["apiServer.timeoutForControlPlane: 4m0s -> (not set)", "apiVersion: kubeadm.k8s.io/v1beta3 -> kubeadm.k8s.io/v1beta4"],
            YamlDifference.Losses(ClusterConfiguration.Parse(Golden.Read("1.30-v1beta3.yaml")).Root, stored.Root));
        Assert.Contains("    - name: quota-backend-bytes\n      value: \"8589934592\"\n", stored.Text);
    }
}
