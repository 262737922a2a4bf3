using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>Sends a snapshot to a node's agent, in parts that its limit on requests lets through.</summary>
internal static class SnapshotSending
{
    private const int PartSize = 32 * 1024;

    /// <summary>Sends it whole, or as far as the agent wants it: where the same bytes are there already, it wants none.</summary>
    /// <param name="agent">Where it goes to.</param>
    /// <param name="operation">Of the step.</param>
    /// <param name="facts">Name, size, SHA-256 and what else is known of it.</param>
    /// <param name="content">From its first byte to its last.</param>
    /// <param name="report">Told how many bytes have gone.</param>
    /// <param name="deadline">Of all of it.</param>
    /// <param name="cancellationToken">Ends it; the agent keeps nothing then.</param>
    /// <exception cref="AgentCallException">The agent's refusal, or no answer.</exception>
    public static async Task<ReceiveSnapshotResponse> SendAsync(IAgent agent, Operation operation, Snapshot facts, Stream content, Action<ulong> report, DateTime deadline, CancellationToken cancellationToken)
    {
        using var call = agent.Snapshots.ReceiveSnapshot(deadline: deadline, cancellationToken: cancellationToken);
        try
        {
            await call.RequestStream.WriteAsync(new() { Operation = operation, Snapshot = facts }, cancellationToken);
            var buffer = new byte[PartSize];
            for (var sent = 0UL; await content.ReadAtLeastAsync(buffer, PartSize, throwOnEndOfStream: false, cancellationToken) is > 0 and var count;)
            {
                await call.RequestStream.WriteAsync(new() { Data = ByteString.CopyFrom(buffer, 0, count) }, cancellationToken);
                report(sent += (ulong)count);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException && !cancellationToken.IsCancellationRequested)
        {
            // The agent has answered before the end, or is gone: its answer says which.
        }

        return await call.ResponseAsync;
    }
}
