using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Takes a snapshot from elsewhere, for a node that has lost its own, or for a copy off the node that took it.</summary>
/// <remarks>The content comes as a stream beside the request, so there is one <see cref="IVerb{TRequest, TResponse}"/> for each call.</remarks>
internal sealed class ReceiveSnapshot(SnapshotFolder folder, SnapshotArrival arrival, TimeProvider time) : IRecover<ReceiveSnapshotRequest, ReceiveSnapshotResponse>
{
    /// <summary>A sender who says nothing holds the node's lock: no longer than this.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>The first message. Nothing is held while it is waited for.</summary>
    /// <exception cref="AgentFault">TIMEOUT, or INVALID_REQUEST where there is none.</exception>
    public async Task<ReceiveSnapshotRequest> AnnouncedAsync(IAsyncStreamReader<ReceiveSnapshotRequest> messages, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await messages.MoveNext(either.Token)
                ? messages.Current
                : throw new AgentFault(FaultReason.InvalidRequest, "there was no message, expected one that announces the snapshot");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new AgentFault(FaultReason.Timeout, $"nothing came for {Silence.TotalSeconds} s, expected a message that announces the snapshot. Send it again.");
        }
    }

    /// <summary>The verb of one call.</summary>
    /// <param name="parts">The messages after the first one.</param>
    public IVerb<ReceiveSnapshotRequest, ReceiveSnapshotResponse> From(IAsyncStreamReader<ReceiveSnapshotRequest> parts) => new Call(folder, arrival, time, parts);

    /// <summary>The announcement alone is no snapshot.</summary>
    Task<ReceiveSnapshotResponse> IVerb<ReceiveSnapshotRequest, ReceiveSnapshotResponse>.RunAsync(ReceiveSnapshotRequest request, VerbContext context, CancellationToken cancellationToken) =>
        throw new AgentFault(FaultReason.InvalidRequest, "there are no parts, expected them after the announcement");

    /// <inheritdoc/>
    /// <remarks>The parts went with their sender. The file got its name as a single act: it is there, or nothing is.</remarks>
    public async Task<ReceiveSnapshotResponse?> RecoverAsync(ReceiveSnapshotRequest request, CancellationToken cancellationToken)
    {
        var facts = arrival.Facts(request);
        return await arrival.FindAsync(facts, cancellationToken) is { } present ? new() { Change = present, Snapshot = SnapshotFolder.Describe(facts) } : null;
    }

    private sealed class Call(SnapshotFolder folder, SnapshotArrival arrival, TimeProvider time, IAsyncStreamReader<ReceiveSnapshotRequest> parts)
        : IVerb<ReceiveSnapshotRequest, ReceiveSnapshotResponse>
    {
        public async Task<ReceiveSnapshotResponse> RunAsync(ReceiveSnapshotRequest request, VerbContext context, CancellationToken cancellationToken)
        {
            var facts = arrival.Facts(request);
            if (await arrival.FindAsync(facts, cancellationToken) is { } present)
            {
                return Answer(present, facts);
            }

            arrival.EnsureRoom(facts);
            folder.Prepare();
            await WriteAsync(facts, cancellationToken);
            return Answer(Changes.Made($"took {facts.Name}, {facts.Size} bytes, its digest recomputed"), facts);
        }

        private async Task WriteAsync(SnapshotFacts facts, CancellationToken cancellationToken)
        {
            try
            {
                await using var file = folder.Create(facts.Name);
                using var writer = new SnapshotWriter(file);
                await CopyAsync(writer, facts.Size, cancellationToken);
                if (writer.Finish() is var found && found != facts.Sha256)
                {
                    throw new AgentFault(FaultReason.DigestMismatch, $"what came has SHA-256 {found}, expected {facts.Sha256} as it was announced. Send it again; if it stays so, compare the file with its digest where it comes from.");
                }

                folder.Keep(facts);
            }
            finally
            {
                folder.Discard(facts.Name); // nothing of a snapshot that did not come whole is left
            }
        }

        private async Task CopyAsync(SnapshotWriter writer, ulong size, CancellationToken cancellationToken)
        {
            while (await NextAsync(writer.Size, size, cancellationToken))
            {
                SnapshotArrival.EnsurePart(parts.Current, writer.Size, size);
                await writer.WriteAsync(parts.Current.Data.Memory, cancellationToken);
            }

            if (writer.Size != size)
            {
                throw new AgentFault(FaultReason.DigestMismatch, $"{writer.Size} bytes came, expected {size} as they were announced. No file has the name; send it again.");
            }
        }

        /// <summary>Only the stream: what goes wrong with the file is not the sender's doing.</summary>
        private async Task<bool> NextAsync(ulong written, ulong size, CancellationToken cancellationToken)
        {
            using var silence = new CancellationTokenSource(Silence, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
            try
            {
                return await parts.MoveNext(either.Token);
            }
            catch (OperationCanceledException) when (silence.IsCancellationRequested)
            {
                throw new AgentFault(FaultReason.Timeout, $"nothing came for {Silence.TotalSeconds} s after {written} of {size} bytes, expected the rest. No file has the name; send it again.");
            }
            catch (Exception gone) when (gone is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled } or IOException or InvalidOperationException) // the last: the call had ended before it was read
            {
                throw new AgentFault(FaultReason.DigestMismatch, $"the sender hung up after {written} of {size} bytes, expected all of them. No file has the name; send it again.", gone);
            }
        }

        private static ReceiveSnapshotResponse Answer(Change change, SnapshotFacts facts) => new() { Change = change, Snapshot = SnapshotFolder.Describe(facts) };
    }
}
