using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Kubeadm;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class ValidateExternalTests
{
    [Theory]
    [InlineData("https://10.66.0.11:2379")]
    [InlineData("https://[fd00::11]:2379")]
    [InlineData("https://cp1.kkg.example:2379")]
    [InlineData("https://cp1:1")]
    [InlineData("https://cp1:65535")]
    public void Endpoints_ThatAreSome_AreTakenAsTheyAre(string endpoint)
    {
        Assert.Equal([endpoint], ValidateExternal.Endpoints(External(endpoint)).Endpoints);
        Assert.Equal([endpoint], ClusterConfiguration.Parse(ControlPlane.Golden.Read("1.31-plain.yaml")).WithExternalEtcd([endpoint], httpEndpoints: true).HttpEndpoints);
    }

    /// <summary>There is no way from a caller's text to YAML of its own.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("10.66.0.11:2379")]
    [InlineData("http://10.66.0.11:2379")]
    [InlineData("HTTPS://10.66.0.11:2379")]
    [InlineData("https://10.66.0.11")]
    [InlineData("https://10.66.0.11:0")]
    [InlineData("https://10.66.0.11:65536")]
    [InlineData("https://10.66.0.11:2379/")]
    [InlineData("https://10.66.0.11:2379/path")]
    [InlineData("https://10.66.0.11:2379?a=b")]
    [InlineData("https://me:hush@10.66.0.11:2379")]
    [InlineData("https://10.66.0.11:2379 # a remark")]
    [InlineData("https://10.66.0.11:2379\n")]
    [InlineData("https://10.66.0.11:2379\n    keyFile: /etc/shadow")]
    [InlineData("https://10.66.0.11:2379\r    keyFile: /etc/shadow")]
    [InlineData("https://a:2379,https://b:2379")]
    [InlineData("https://-a:2379")]
    [InlineData("https://a_b:2379")]
    [InlineData("https://[fd00::11:2379")]
    [InlineData("https://{}:2379")]
    [InlineData("\"https://a:2379\"")]
    [InlineData("https://a\u2028b:2379")]
    public void Endpoints_ThatAreNone_AreInvalid(string endpoint) => Invalid(External(endpoint));

    [Fact]
    public void Endpoints_NoneTooManyOrOneTwice_AreInvalid()
    {
        Invalid(null);
        Invalid(External());
        Invalid(External([.. Enumerable.Range(1, 16).Select(node => $"https://cp{node}:2379")]));
        Invalid(External("https://cp1:2379", "https://cp1:2379"));
    }

    private static void Invalid(ExternalEtcd? external) => Assert.Equal(FaultReason.InvalidRequest, Assert.Throws<AgentFault>(() => ValidateExternal.Endpoints(external)).Reason);

    private static ExternalEtcd External(params string[] endpoints) => new() { Endpoints = { endpoints } };
}
