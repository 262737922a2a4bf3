using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>An identity that changes on the disk under a running agent.</summary>
public sealed class IdentityFilesTests : AgentFixture
{
    private string Files => Node.Root.Identity;

    [Fact]
    public async Task Files_Replaced_CountFromTheNextConnectionOn()
    {
        using var certificate = Node.Pki.Operator("viewer");
        using var earlier = Agent.Connect(certificate);
        await CallAsync(earlier);
        var before = await ShownAsync(Node.Pki);

        Node.Pki.Install(Node.Root);

        Assert.NotEqual(before, await ShownAsync(Node.Pki));
        await CallAsync(earlier); // what is connected stays so
    }

    [Fact]
    public async Task Files_OfAnotherCa_LetItsCallersInAndTheOldOnesNoMore()
    {
        using var other = new FleetPki();
        using var old = Node.Pki.Operator("viewer");
        using var young = other.Operator("viewer");
        Assert.True((await AnswerAsync(young, Node.Pki)).Cut);

        other.Install(Node.Root);

        Assert.Equal(StatusCode.OK, (await AnswerAsync(young, other)).Code);
        Assert.True((await AnswerAsync(old, other)).Cut);
    }

    [Theory]
    [InlineData("ca.crt")]
    [InlineData("agent.crt")]
    [InlineData("agent.key")]
    public async Task Files_HalfReplaced_LeaveTheLastGoodOnesInUse(string replaced)
    {
        Agent.Logs.Expect("cannot be used");
        using var other = new FleetPki();
        using var scratch = new TempHostRoot();
        other.Install(scratch.Root);
        var before = await ShownAsync(Node.Pki);

        File.Copy(Path.Combine(scratch.Root.Identity, replaced), Path.Combine(Files, replaced), overwrite: true);

        Assert.Equal(before, await ShownAsync(Node.Pki));
        Assert.Equal(before, await ShownAsync(Node.Pki));
        Assert.Contains("the last good one stays in use", Assert.Single(Agent.Logs.Of(LogLevel.Error, "cannot be used")).Text, StringComparison.Ordinal);

        other.Install(Node.Root);

        Assert.NotEqual(before, await ShownAsync(other));
    }

    [Theory]
    [InlineData("ca.crt")]
    [InlineData("agent.crt")]
    [InlineData("agent.key")]
    public async Task Files_OneIsGone_LeaveTheLastGoodOnesInUse(string gone)
    {
        Agent.Logs.Expect("cannot be used");
        var before = await ShownAsync(Node.Pki);

        File.Delete(Path.Combine(Files, gone));

        Assert.Equal(before, await ShownAsync(Node.Pki));
    }

    [Fact]
    public async Task Files_BrokenAtTheStart_LetNobodyInUntilTheyAreWhole()
    {
        await RestartAsync(() => File.WriteAllText(Path.Combine(Files, "agent.crt"), "not a certificate"));
        Agent.Logs.Expect("cannot be used");
        using var certificate = Node.Pki.Operator("viewer");
        Assert.True((await AnswerAsync(certificate, Node.Pki)).Cut);
        Assert.Contains("no connection is accepted", Assert.Single(Agent.Logs.Of(LogLevel.Error, "cannot be used")).Text, StringComparison.Ordinal);

        Node.Pki.Install(Node.Root);

        Assert.Equal(StatusCode.OK, (await AnswerAsync(certificate, Node.Pki)).Code);
    }

    /// <summary>An operator's certificate in the agent's place would let the agent speak for a person.</summary>
    [Fact]
    public async Task Files_WithAnOperatorsCertificate_AreNotTaken()
    {
        Agent.Logs.Expect("is not an agent's certificate");
        using var person = Node.Pki.Operator("admin");
        var before = await ShownAsync(Node.Pki);

        File.WriteAllText(Path.Combine(Files, "agent.crt"), person.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Files, "agent.key"), person.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());

        Assert.Equal(before, await ShownAsync(Node.Pki));
        Assert.Single(Agent.Logs.Of(LogLevel.Error, "is not an agent's certificate"));
    }

    /// <summary>The serial number of the certificate that the agent shows to a new connection.</summary>
    private async Task<string> ShownAsync(FleetPki pki)
    {
        using var certificate = pki.Operator("viewer");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Agent.Port, Cancel);
        await using var tls = new SslStream(new NetworkStream(socket));
        var options = Agent.Tls(certificate, authority: pki.Authority);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        await tls.AuthenticateAsClientAsync(options, Cancel);
        return tls.RemoteCertificate!.GetSerialNumberString();
    }

    private async Task<RawAnswer> AnswerAsync(X509Certificate2 certificate, FleetPki trusted)
    {
        using var channel = Agent.Connect(certificate, authority: trusted.Authority);
        return await RawRpc.CallAsync(channel, NodeService.Descriptor.Methods[0], [], Cancel);
    }

    private static async Task CallAsync(ChannelBase channel) => await new NodeService.NodeServiceClient(channel).GetNodeAsync(new(), Options);
}
