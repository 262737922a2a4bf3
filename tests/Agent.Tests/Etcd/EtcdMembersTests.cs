using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Tests.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Etcd;

public sealed class EtcdMembersTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    [Theory]
    [InlineData("https://127.0.0.1:2379,https://10.66.0.11:2379", "https://127.0.0.1:2379/")]
    [InlineData("https://10.66.0.11:2379,https://127.0.0.1:2379", "https://127.0.0.1:2379/")]
    [InlineData("https://10.66.0.11:2379", "https://10.66.0.11:2379/")]
    [InlineData("https://10.66.0.11:2379,https://localhost:3379", "https://localhost:3379/")]
    [InlineData("https://0.0.0.0:2379", "https://127.0.0.1:2379/")]
    [InlineData("https://[::]:2379", "https://[::1]:2379/")]
    [InlineData("https://[fd00::1]:2379,https://[::1]:2379", "https://[::1]:2379/")]
    [InlineData("unix://a:1,https://10.66.0.11:2379", "https://10.66.0.11:2379/")]
    public void LocalEndpoint_IsTheLoopbackOneWhereThereIs(string urls, string endpoint) =>
        Assert.Equal(endpoint, Members.LocalEndpoint(KubeadmPods.Read(KubeadmPods.Changed("https://127.0.0.1:2379,https://10.66.0.11:2379", urls))).ToString());

    [Fact]
    public void LocalEndpoint_NoneThatCanBeAsked_IsRefused() =>
        Assert.Equal(FaultReason.ManifestUnreadable, Assert.Throws<AgentFault>(
            () => Members.LocalEndpoint(KubeadmPods.Read(KubeadmPods.Changed("https://127.0.0.1:2379,https://10.66.0.11:2379", "unix://a:1")))).Reason);

    [Theory]
    [InlineData("/etc/kubernetes/pki/apiserver-etcd-client.crt")]
    [InlineData("/etc/kubernetes/pki/apiserver-etcd-client.key")]
    [InlineData("/etc/kubernetes/pki/etcd/ca.crt")]
    public void Open_WithoutACertificate_SaysWhich(string file)
    {
        File.Delete(_host.Root.At(file));

        var problem = Assert.Throws<EtcdCallException>(() => Members.Open(new Uri("https://127.0.0.1:1")));

        Assert.Equal(EtcdTrouble.Identity, problem.Trouble);
        Assert.Contains(file, problem.Message);
    }

    [Fact]
    public void Open_WithAKeyThatIsNone_IsAnIdentityProblem()
    {
        _host.Write("/etc/kubernetes/pki/apiserver-etcd-client.key", "not a key");

        Assert.Equal(EtcdTrouble.Identity, Assert.Throws<EtcdCallException>(() => Members.Open(new Uri("https://127.0.0.1:1"))).Trouble);
    }

    [Fact]
    public void Open_PlainHttp_NeedsNoCertificate()
    {
        File.Delete(_host.Root.EtcdClientKey);

        Members.Open(new Uri("http://127.0.0.1:1")).Dispose();
    }

    public void Dispose() => _host.Dispose();

    private EtcdMembers Members => new(_host.Root, TimeProvider.System);
}
