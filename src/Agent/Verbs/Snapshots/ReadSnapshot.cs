using System.Runtime.CompilerServices;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Sends a snapshot's bytes, so that a copy lives off the node.</summary>
/// <remarks>Not an <see cref="IVerb{TRequest, TResponse}"/>: its answer is a stream that is read at the caller's pace, and it ends when
/// the caller hangs up.</remarks>
internal sealed class ReadSnapshot(HostRoot root, SnapshotFolder folder)
{
    /// <summary>Bytes in a message.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <exception cref="AgentFault">INVALID_REQUEST: no such snapshot, or not a name; UNSAFE_FILE: a link.</exception>
    public async IAsyncEnumerable<ReadSnapshotResponse> RunAsync(ReadSnapshotRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var file = Open(folder.At(request.Name));
        var buffer = new byte[ChunkSize];
        for (long sent = 0; await RandomAccess.ReadAsync(file, buffer, sent, cancellationToken) is > 0 and var count; sent += count)
        {
            yield return new() { Data = ByteString.CopyFrom(buffer, 0, count) };
        }
    }

    private SafeFileHandle Open(string path)
    {
        var status = Native.Stat(path)
            ?? throw new AgentFault(FaultReason.InvalidRequest, $"{root.Name(path)} does not exist, expected a snapshot as ListSnapshots names it");
        if (!status.IsRegular)
        {
            throw new AgentFault(FaultReason.UnsafeFile, $"{root.Name(path)} is a link or a folder, expected a snapshot. It is not sent.");
        }

        return Native.OpenFile(path); // never through a link, should it be exchanged just now
    }
}
