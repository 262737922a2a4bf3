using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Agents;

/// <summary>A fleet of one node with a CA of its own, and the calls that the tests of its channels share.</summary>
internal sealed class ChannelFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ChannelFixture()
    {
        Pki = new PkiFolder(_folder.At("pki"));
        new Issuance(Pki, TimeProvider.System).Initialise("kkg", "ann", TimeSpan.FromDays(365));
    }

    public PkiFolder Pki { get; }

    public static Fleet Fleet => new() { Cluster = "kkg", Nodes = [Node(7379)], Etcd = new EtcdSettings { Version = "3.6.6" } };

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static FleetNode Node(int port) => new() { Name = "cp1", Address = "127.0.0.1", AgentPort = port, IsLeader = true };

    public string At(string name) => _folder.At(name);

    public AgentChannels Channels(string? pki = null) => new(Fleet, pki is null ? Pki : new PkiFolder(pki), TimeProvider.System);

    public X509Certificate2 AgentCertificate(string node, PkiFolder? authority = null, TimeProvider? time = null, int days = 365)
    {
        var issued = FleetAuthority.Load(authority ?? Pki, time ?? TimeProvider.System).IssueAgent(node, ["127.0.0.1"], TimeSpan.FromDays(days));
        return X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(issued.CertificatePem), System.Text.Encoding.ASCII.GetString(issued.KeyPem));
    }

    public static async Task<GetNodeResponse> GetNodeAsync(AgentChannels channels, TestAgent agent) =>
        await channels.On(Node(agent.Port)).Nodes.GetNodeAsync(new(), cancellationToken: Cancel);

    public Task<AgentCallException> RefusalAsync(TestAgent agent) => RefusalAsync(agent.Port);

    public async Task<AgentCallException> RefusalAsync(int port)
    {
        using var channels = Channels();
        return await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(Node(port)).Nodes.GetNodeAsync(new(), cancellationToken: Cancel));
    }

    public void Dispose() => _folder.Dispose();
}
