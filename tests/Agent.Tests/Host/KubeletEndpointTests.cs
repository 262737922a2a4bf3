using EtcdFleet.Agent.Host;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class KubeletEndpointTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    [Fact]
    public void Find_NothingSaid_IsContainerds() => Assert.Equal("unix:///run/containerd/containerd.sock", KubeletEndpoint.Find(_host.Root));

    [Theory]
    [InlineData("KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/crio/crio.sock --pod-infra-container-image=registry.k8s.io/pause:3.10\"\n", "unix:///run/crio/crio.sock")]
    [InlineData("KUBELET_KUBEADM_ARGS=\"--node-ip=10.0.0.1 --container-runtime-endpoint unix:///a.sock\"\n", "unix:///a.sock")]
    [InlineData("# --container-runtime-endpoint=unix:///old.sock\nKUBELET_KUBEADM_ARGS=\"\"\n", "unix:///run/containerd/containerd.sock")]
    public void Find_FlagOfKubeadm(string flags, string expected)
    {
        Kubelet("kubeadm-flags.env", flags);

        Assert.Equal(expected, KubeletEndpoint.Find(_host.Root));
    }

    [Theory]
    [InlineData("containerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n", "unix:///var/run/crio/crio.sock")]
    [InlineData("apiVersion: v1\ncontainerRuntimeEndpoint: \"unix:///q.sock\" # ours\n", "unix:///q.sock")]
    [InlineData("containerRuntimeEndpoint: \"\"\ncpuManagerPolicy: none\n", "unix:///run/containerd/containerd.sock")]
    [InlineData("nested:\n  containerRuntimeEndpoint: unix:///no.sock\n", "unix:///run/containerd/containerd.sock")]
    public void Find_Configuration(string configuration, string expected)
    {
        Kubelet("config.yaml", configuration);

        Assert.Equal(expected, KubeletEndpoint.Find(_host.Root));
    }

    [Fact]
    public void Find_FlagGoesBeforeInstanceBeforeConfiguration()
    {
        Kubelet("config.yaml", "containerRuntimeEndpoint: unix:///config.sock\n");
        Assert.Equal("unix:///config.sock", KubeletEndpoint.Find(_host.Root));

        Kubelet("instance-config.yaml", "containerRuntimeEndpoint: unix:///instance.sock\n");
        Assert.Equal("unix:///instance.sock", KubeletEndpoint.Find(_host.Root));

        Kubelet("kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///flag.sock\"\n");
        Assert.Equal("unix:///flag.sock", KubeletEndpoint.Find(_host.Root));

        _host.Folder("/etc/default");
        _host.Write("/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--container-runtime-endpoint=unix:///extra.sock\n");
        Assert.Equal("unix:///extra.sock", KubeletEndpoint.Find(_host.Root));
    }

    public void Dispose() => _host.Dispose();

    private void Kubelet(string file, string content)
    {
        _host.Folder("/var/lib/kubelet");
        _host.Write($"/var/lib/kubelet/{file}", content);
    }
}
