using System.Net;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;
using EtcdFleet.TestKit;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>Another node's bundle on this node: the agent does not serve with it, whoever calls.</summary>
public sealed class SwappedIdentityTests : AgentFixture
{
    private const string Said = "/etc/etcdfleet/pki/agent.crt is the identity of node 'cp2', expected that of 'cp1', ";

    [Fact]
    public async Task Start_WithAnotherNodesIdentity_LetsNobodyInUntilItIsTheOwnOne()
    {
        await RestartAsync(() => Node.Pki.Install(Node.Root, node: "cp2"));
        Agent.Logs.Expect("cannot be used");

        Assert.True((await AnswerAsync()).Cut);
        Assert.Empty(Agent.Reached.Rpcs);
        var error = Assert.Single(Agent.Logs.Of(LogLevel.Error, "cannot be used")).Text;
        Assert.Contains(Said, error, StringComparison.Ordinal);
        Assert.EndsWith("; no connection is accepted", error, StringComparison.Ordinal);

        Node.Pki.Install(Node.Root);

        Assert.Equal(StatusCode.OK, (await AnswerAsync()).Code);
    }

    [Fact]
    public async Task Files_ReplacedByAnotherNodes_LeaveTheOwnOnesInUse()
    {
        Agent.Logs.Expect("cannot be used");
        Assert.Equal(StatusCode.OK, (await AnswerAsync()).Code);

        Node.Pki.Install(Node.Root, node: "cp2");

        Assert.Equal(StatusCode.OK, (await AnswerAsync()).Code);
        Assert.Contains("the last good one stays in use", Assert.Single(Agent.Logs.Of(LogLevel.Error, Said)).Text, StringComparison.Ordinal);
        Assert.Contains($"- attention: {Said}", (await Agent.AskAsync("/readyz", Cancel)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readyz_OfAnAgentWithAnotherNodesIdentity_SaysWhoseItIs()
    {
        await RestartAsync(() => Node.Pki.Install(Node.Root, node: "cp2"));
        Agent.Logs.Expect("cannot be used");

        var (status, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains($"no usable identity in /etc/etcdfleet/pki ({Said}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cp1", "cp1", true)]
    [InlineData("cp1", "CP1", true)]
    [InlineData("cp1", "cp2", false)]
    [InlineData("cp1", "cp1.example.com", false)]
    [InlineData("", "", false)]
    public void Name_Configured_IsTheOneThatCounts(string configured, string name, bool own) => Assert.Equal(own, new NodeName(configured).Is(Node.Root, name));

    [Theory]
    [InlineData("cp1.example.com", "cp1.example.com", true)]
    [InlineData("cp1.example.com", "cp1", true)]
    [InlineData("CP1", "cp1", true)]
    [InlineData("cp1.example.com", "cp1.example.org", false)]
    [InlineData("cp1.example.com", "cp2", false)]
    [InlineData("cp1", "cp1.example.com", false)]
    [InlineData("", "cp1", false)]
    public void Name_OfTheHost_IsTheNodes(string host, string name, bool own)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("proc", "sys", "kernel"));
        File.WriteAllText(folder.At("proc", "sys", "kernel", "hostname"), $"{host}\n");

        Assert.Equal(own, new NodeName("").Is(new(folder.Path), name));
    }

    private async Task<RawAnswer> AnswerAsync()
    {
        using var certificate = Node.Pki.Operator("viewer");
        using var channel = Agent.Connect(certificate);
        return await RawRpc.CallAsync(channel, NodeService.Descriptor.Methods[0], [], Cancel);
    }
}
