using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Pki;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace EtcdFleet.Coordinator.Agents;

/// <summary>One channel a node, over mutual TLS 1.3 with the fleet's CA as the only root.</summary>
/// <param name="fleet">Whose agents; a certificate of another cluster is refused.</param>
/// <param name="pki">With ca.crt, operator.crt and operator.key, read again for every connection.</param>
/// <param name="time">Judges whether certificates are valid.</param>
internal sealed class AgentChannels(Fleet fleet, PkiFolder pki, TimeProvider time) : IAgents, IDisposable
{
    /// <summary>The largest answer is a chunk of a snapshot, 256 KiB, or a node's facts.</summary>
    private const int LargestMessage = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<FleetNode, OneAgent> _agents = [];

    public IAgent On(FleetNode node)
    {
        lock (_gate)
        {
            if (!_agents.TryGetValue(node, out var agent))
            {
                _agents.Add(node, agent = OneAgent.Open(fleet, node, pki, time));
            }

            return agent;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var agent in _agents.Values)
            {
                agent.Channel.Dispose();
            }

            _agents.Clear();
        }
    }

    private sealed record OneAgent(FleetNode Node, GrpcChannel Channel, CallInvoker Invoker) : IAgent
    {
        public static OneAgent Open(Fleet fleet, FleetNode node, PkiFolder pki, TimeProvider time)
        {
            var connector = new AgentConnector(fleet, node, pki, time);
            var handler = new SocketsHttpHandler
            {
                ConnectCallback = connector.ConnectAsync,
                UseProxy = false, // agents are reached directly, whatever the environment says about proxies
                EnableMultipleHttp2Connections = false,
                PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5),
                KeepAlivePingDelay = TimeSpan.FromSeconds(10),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            };
            var channel = GrpcChannel.ForAddress(new UriBuilder("https", node.Address, node.AgentPort).Uri, new GrpcChannelOptions
            {
                HttpHandler = handler,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = LargestMessage,
                MaxSendMessageSize = LargestMessage,
                MaxRetryAttempts = 1, // no service config, no retries: an engine that knows the step decides (rule 7)
            });
            return new(node, channel, channel.Intercept(new AgentCalls(new AgentFaults(node, connector))));
        }
    }
}
