using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class LiveConfigurationTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_AsksAsKubeadmDoes()
    {
        Assert.Equal(_node.Api.Configuration, (await _node.Live.ReadAsync(Token)).Text);
        Assert.Equal(["https://10.66.0.10:6443 /api/v1/namespaces/kube-system/configmaps/kubeadm-config /etc/kubernetes/admin.conf"], _node.Api.Requests);
    }

    [Fact]
    public async Task Read_NoAdminConf_AsksAsANode()
    {
        File.Delete(_node.Root.AdminConf);

        Assert.Equal(_node.Api.Configuration, (await _node.Live.ReadAsync(Token)).Text);
        Assert.Equal(["https://10.66.0.10:6443 /api/v1/namespaces/kube-system/configmaps/kubeadm-config /etc/kubernetes/kubelet.conf"], _node.Api.Requests);
    }

    [Fact]
    public async Task Read_NeitherAdminConfNorKubeletConf_IsRefused()
    {
        File.Delete(_node.Root.AdminConf);
        File.Delete(_node.Root.KubeletConf);

        Assert.StartsWith("/etc/kubernetes/kubelet.conf cannot be used", await Faults.MessageAsync(FaultReason.AdminConfMissing, () => _node.Live.ReadAsync(Token)));
    }

    [Fact]
    public async Task Read_NoSuchObject_SaysSo()
    {
        _node.Api.Configuration = null;

        Assert.Contains("answered 404", await Faults.MessageAsync(FaultReason.ApiUnreachable, () => _node.Live.ReadAsync(Token)));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"data\":{}}")]
    [InlineData("{\"data\":{\"ClusterConfiguration\":null}}")]
    [InlineData("{\"data\":{\"ClusterConfiguration\":7}}")]
    [InlineData("{\"data\":{\"ClusterConfiguration\":\"a: b\"}}")]
    public async Task Read_SomethingElse_IsUnreadable(string body)
    {
        var live = new Agent.ControlPlane.LiveConfiguration(_node.Root, new Says(body));

        await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => live.ReadAsync(Token));
    }

    public void Dispose() => _node.Dispose();

    private sealed class Says(string body) : Agent.ControlPlane.IKubernetesApi
    {
        public Task<Agent.ControlPlane.ApiAnswer> GetAsync(Agent.ControlPlane.KubeAccess access, string path, TimeSpan timeout, CancellationToken cancellationToken) =>
            Task.FromResult(new Agent.ControlPlane.ApiAnswer(200, body));
    }
}
