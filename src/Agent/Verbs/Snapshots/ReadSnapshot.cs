using System.Runtime.CompilerServices;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using Google.Protobuf;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Sends a snapshot's bytes, so that a copy lives off the node.</summary>
/// <remarks>Not an <see cref="IVerb{TRequest, TResponse}"/>: its answer is a stream that is read at the caller's pace, and it ends when
/// the caller hangs up.</remarks>
internal sealed class ReadSnapshot(SnapshotFolder folder)
{
    /// <summary>Bytes in a message.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <exception cref="AgentFault">INVALID_REQUEST: no such snapshot, or not a name; UNSAFE_FILE: a link, also a hard one.</exception>
    public async IAsyncEnumerable<ReadSnapshotResponse> RunAsync(ReadSnapshotRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var file = Native.OpenFile(folder.Existing(request.Name)); // never through a link, should it be exchanged just now
        var buffer = new byte[ChunkSize];
        for (long sent = 0; await RandomAccess.ReadAsync(file, buffer, sent, cancellationToken) is > 0 and var count; sent += count)
        {
            yield return new() { Data = ByteString.CopyFrom(buffer, 0, count) };
        }
    }
}
