using System.Net.Sockets;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>The local socket is root's: the kernel keeps others out, and says who it is that comes.</summary>
public sealed class LocalSocketTests : AgentFixture
{
    [Fact]
    public void Folder_IsRootsAlone() => Assert.Equal("0:0 0700", Node.Host.OwnerOf("/run/etcdfleet"));

    [Fact]
    public void AnotherUser_DoesNotGetAsFarAsTheSocket()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        var refused = Assert.ThrowsAny<SocketException>(() => OtherUser.Do(CallerKind.Nobody, () => socket.Connect(new UnixDomainSocketEndPoint(Agent.Socket))));

        Assert.Equal(SocketError.AccessDenied, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Root_IsInTheAuditWithItsNumber()
    {
        using var channel = Agent.ConnectLocal();

        await new ManifestService.ManifestServiceClient(channel).StashManifestAsync(new() { Operation = TestLease.Operation("operation-1"), Component = Component.Etcd }, Options);

        Assert.All(Node.Audit, record => Assert.Equal(("uid 0", "local"), (record.Caller, record.From)));
        Assert.Equal(2, Node.Audit.Count);
    }

    /// <summary>An agent that was killed leaves its socket's name, and a folder may be there with any mode.</summary>
    [Fact]
    public void Prepare_WhatAKilledAgentHasLeft_IsTakenAway()
    {
        Node.Host.Folder("/run/left");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(Node.Root.At("/run/left/agent.sock")));
        }

        Node.Host.Write("/run/left/agent.sock", "left");
        LocalSocket.Prepare(Node.Root.At("/run/left/agent.sock"));

        Assert.Equal("0:0 0700", Node.Host.OwnerOf("/run/left"));
        Assert.False(Path.Exists(Node.Root.At("/run/left/agent.sock")));
    }
}
