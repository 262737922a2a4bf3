using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Agents;

/// <summary>Two agents that have each other's bundle, or each other's address in the inventory: no call comes to either, whatever it is.</summary>
public sealed class SwappedIdentityTests : IDisposable
{
    private readonly ChannelFixture _fixture = new();

    /// <summary>The calls of a run, by how they travel: one that reads, one that changes, one that streams.</summary>
    public static TheoryData<string> EveryCall() => ["reads", "changes", "streams"];

    [Theory]
    [MemberData(nameof(EveryCall))]
    public async Task Bundles_OfTwoNodesExchanged_AreBothRefused(string call)
    {
        await using var onCp1 = await TestAgent.StartAsync(_fixture.AgentCertificate("cp2"));
        await using var onCp2 = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        await RefusedAsync(channels, Node("cp1", onCp1.Port), "cp2", call);
        await RefusedAsync(channels, Node("cp2", onCp2.Port), "cp1", call);

        Assert.Equal((0, 0), (onCp1.Calls, onCp2.Calls));
    }

    [Theory]
    [MemberData(nameof(EveryCall))]
    public async Task Ports_OfTwoNodesExchangedInTheInventory_AreBothRefused_AndTheRightOnesAnswer(string call)
    {
        await using var cp1 = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        await using var cp2 = await TestAgent.StartAsync(_fixture.AgentCertificate("cp2"));
        using var channels = _fixture.Channels();

        await RefusedAsync(channels, Node("cp1", cp2.Port), "cp2", call);
        await RefusedAsync(channels, Node("cp2", cp1.Port), "cp1", call);
        Assert.Equal((0, 0), (cp1.Calls, cp2.Calls));

        await channels.On(Node("cp1", cp1.Port)).Nodes.GetNodeAsync(new(), cancellationToken: ChannelFixture.Cancel);
        Assert.Equal((1, 0), (cp1.Calls, cp2.Calls));
    }

    /// <summary>The real agent at the other end, with its own certificate: it is asked for another node's.</summary>
    [Theory]
    [MemberData(nameof(EveryCall))]
    public async Task Agent_ThatIsReal_AskedForAnotherNode_IsNotCalled(string call)
    {
        using var node = new AgentNode();
        await using var agent = await node.StartAsync();
        using var channels = new AgentChannels(ChannelFixture.Fleet, node.Pki.Folder, TimeProvider.System);

        await RefusedAsync(channels, Node("cp2", agent.Port), "cp1", call);
        Assert.Empty(agent.Reached.Rpcs);

        await channels.On(Node("cp1", agent.Port)).Nodes.GetNodeAsync(new(), cancellationToken: ChannelFixture.Cancel);
        Assert.Single(agent.Reached.Rpcs);
    }

    /// <summary>The real agent with another node's bundle: it does not even show it.</summary>
    [Fact]
    public async Task Agent_ThatIsReal_WithAnotherNodesBundle_AnswersForNeither()
    {
        using var node = new AgentNode();
        node.Pki.Install(node.Root, node: "cp2");
        await using var agent = await node.StartAsync();
        agent.Logs.Expect("is the identity of node 'cp2', expected that of 'cp1'");
        using var channels = new AgentChannels(ChannelFixture.Fleet, node.Pki.Folder, TimeProvider.System);

        foreach (var name in (string[])["cp1", "cp2"])
        {
            var refused = await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(Node(name, agent.Port)).Nodes.GetNodeAsync(new(), cancellationToken: ChannelFixture.Cancel));
            Assert.Equal(StatusCode.Unavailable, refused.Code);
        }

        Assert.Empty(agent.Reached.Rpcs);
    }

    public void Dispose() => _fixture.Dispose();

    private static FleetNode Node(string name, int port) => new() { Name = name, Address = "127.0.0.1", AgentPort = port };

    private static async Task RefusedAsync(AgentChannels channels, FleetNode node, string shown, string call)
    {
        var agent = channels.On(node);
        var refused = await Assert.ThrowsAsync<AgentCallException>(() => call switch
        {
            "reads" => agent.Nodes.GetNodeAsync(new(), cancellationToken: ChannelFixture.Cancel).ResponseAsync,
            "changes" => agent.Manifests.StashManifestAsync(new(), cancellationToken: ChannelFixture.Cancel).ResponseAsync,
            _ => StreamAsync(agent),
        });
        Assert.Equal((StatusCode.Unauthenticated, true, false), (refused.Code, refused.Refused, refused.Unknown));
        Assert.Contains($"127.0.0.1:{node.AgentPort} is the agent of '{shown}', expected '{node.Name}'", refused.Message, StringComparison.Ordinal);
    }

    private static async Task StreamAsync(IAgent agent)
    {
        using var stream = agent.Snapshots.ReadSnapshot(new(), cancellationToken: ChannelFixture.Cancel);
        await stream.ResponseStream.MoveNext(ChannelFixture.Cancel);
    }
}
