using EtcdFleet.TestKit;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>One agent for all callers and rpcs, and a connection for each kind of caller that comes to a call.</summary>
public sealed class PolicyFixture : IAsyncLifetime
{
    private readonly Dictionary<CallerKind, GrpcChannel> _channels = [];

    internal AgentNode Node { get; } = new AgentNode().WithUnit().WithLease();

    internal RunningAgent Agent { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Agent = await Node.StartAsync();
        // The folder is root's alone (LocalSocketTests); opened here, so that the agent itself is asked.
        File.SetUnixFileMode(Path.GetDirectoryName(Agent.Socket)!, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Agent.Socket, (UnixFileMode)0b110_110_110);
    }

    internal GrpcChannel ChannelOf(CallerKind caller)
    {
        if (!_channels.TryGetValue(caller, out var channel))
        {
            _channels.Add(caller, channel = caller.Connect(Agent));
        }

        return channel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }

        await Agent.DisposeAsync();
        Node.Dispose();
    }
}
