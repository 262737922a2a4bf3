using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Coordinator.Pki;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Agents;

public sealed class AgentConnectorTests : IDisposable
{
    private readonly ChannelFixture _fixture = new();

    [Fact]
    public async Task Call_TheAgentOfAnotherNode_IsRefusedWithBothNames()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp2"));

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal((StatusCode.Unauthenticated, true, false), (refused.Code, refused.Refused, refused.Unknown));
        Assert.Contains($"127.0.0.1:{agent.Port} is the agent of 'cp2', expected 'cp1'", refused.Message);
    }

    [Fact]
    public async Task Call_AnAgentOfAnotherCa_IsRefused()
    {
        var other = new PkiFolder(_fixture.At("other"));
        new Issuance(other, TimeProvider.System).Initialise("kkg", "eve", TimeSpan.FromDays(365));
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1", other));

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unauthenticated, refused.Code);
        Assert.Contains("a certificate of another CA", refused.Message);
    }

    [Fact]
    public async Task Call_AnAgentWhoseCertificateHasExpired_SaysUntilWhenAndHowToReissue()
    {
        var lastYear = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(300));
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1", time: lastYear, days: 30));

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unauthenticated, refused.Code);
        Assert.Contains("the agent on cp1 has a certificate valid from", refused.Message);
        Assert.Contains("etcdfleet pki issue agent cp1 --reissue", refused.Message);
    }

    [Fact]
    public async Task Call_AnOperatorWhoPlaysTheAgent_IsRefused()
    {
        // An operator's certificate may not serve: the chain's rules refuse it before its identity is looked at.
        await using var agent = await TestAgent.StartAsync(X509Certificate2.CreateFromPemFile(_fixture.Pki.OperatorCertificate, _fixture.Pki.OperatorKey));

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unauthenticated, refused.Code);
        Assert.Contains("NotValidForUsage", refused.Message);
    }

    [Fact]
    public async Task Call_AnAgentThatSpeaksTls12Only_IsRefused()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"), SslProtocols.Tls12);

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unavailable, refused.Code);
        Assert.Contains("the TLS 1.3 handshake with", refused.Message);
    }

    [Fact]
    public async Task Call_AnAgentThatRefusesOurCertificate_SaysWhatItMayBe()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"), accept: _ => false);

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unavailable, refused.Code);
        Assert.Contains("closed the connection before it answered", refused.Message);
        Assert.Contains("ann, role admin", refused.Message);
    }

    [Fact]
    public async Task Call_NothingListens_SaysWhatToType()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var refused = await _fixture.RefusalAsync(port);

        Assert.Equal((StatusCode.Unavailable, true), (refused.Code, refused.Unknown));
        Assert.Contains($"nothing listens on 127.0.0.1:{port}", refused.Message);
        Assert.Contains("systemctl status etcdfleet-agent", refused.Message);
    }

    [Fact]
    public async Task Call_SomethingThatIsNoTls_IsRefused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var refusal = _fixture.RefusalAsync(((IPEndPoint)listener.LocalEndpoint).Port);
        using (var client = await listener.AcceptTcpClientAsync(ChannelFixture.Cancel))
        {
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), ChannelFixture.Cancel);
            await client.GetStream().ReadExactlyAsync(new byte[5], ChannelFixture.Cancel);
        }

        Assert.Contains("is something else listening there?", (await refusal).Message);
    }

    [Fact]
    public async Task Call_WithoutAnIdentity_SaysSoAndDoesNotConnect()
    {
        File.Delete(_fixture.Pki.OperatorKey);
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));

        var refused = await _fixture.RefusalAsync(agent);

        Assert.Equal(StatusCode.Unauthenticated, refused.Code);
        Assert.Contains("found no operator.key", refused.Message);
    }

    [Fact]
    public async Task Call_ACertificateReissuedInBetween_CountsFromTheNextConnection()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();
        var before = await ChannelFixture.GetNodeAsync(channels, agent);

        var bob = new Issuance(_fixture.Pki, TimeProvider.System).IssueOperator("bob", "viewer", TimeSpan.FromDays(1), reissue: false);
        File.Copy(Path.Combine(bob.Path, "operator.crt"), _fixture.Pki.OperatorCertificate, overwrite: true);
        File.Copy(Path.Combine(bob.Path, "operator.key"), _fixture.Pki.OperatorKey, overwrite: true);
        var after = await ChannelFixture.GetNodeAsync(channels, agent);

        Assert.Equal("etcdfleet://kkg/operator/ann/admin", before.Agent.Node);
        Assert.Equal("etcdfleet://kkg/operator/bob/viewer", after.Agent.Node);
    }

    public void Dispose() => _fixture.Dispose();
}
