using System.Security.Cryptography;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Snapshots;

/// <summary>Writes a snapshot's parts to a file and recomputes etcd's digest on the way.</summary>
/// <remarks>etcd sends the database and then the SHA-256 of it, 32 bytes more; both belong to the file, as etcdutl wants it.</remarks>
internal sealed class SnapshotWriter(FileStream file) : IDisposable
{
    private const int DigestSize = 32;
    private const int PageSize = 512; // what bbolt's pages are a multiple of, whatever the machine

    private readonly IncrementalHash _content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _tail = new byte[DigestSize];
    private int _held;

    /// <summary>Bytes written.</summary>
    public ulong Size { get; private set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Hold(data.Span);
        _whole.AppendData(data.Span);
        Size += (ulong)data.Length;
        await file.WriteAsync(data, cancellationToken);
    }

    /// <summary>Makes the file durable and gives the SHA-256 of all of it.</summary>
    /// <exception cref="AgentFault">DIGEST_MISMATCH: what came is not what etcd sent, or not all of it.</exception>
    public string Finish()
    {
        var computed = _content.GetHashAndReset();
        if (_held < DigestSize || Size % PageSize != DigestSize)
        {
            throw new AgentFault(FaultReason.DigestMismatch, $"the snapshot has {Size} bytes, expected whole pages and a digest of {DigestSize} bytes after them: it was cut short. Take it again.");
        }

        if (!computed.AsSpan().SequenceEqual(_tail))
        {
            throw new AgentFault(FaultReason.DigestMismatch, $"the snapshot's content has SHA-256 {Convert.ToHexStringLower(computed)}, its last {DigestSize} bytes say {Convert.ToHexStringLower(_tail)}; expected them to be equal. Take it again; if it stays so, look at this member's disk.");
        }

        file.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(_whole.GetHashAndReset());
    }

    public void Dispose()
    {
        _content.Dispose();
        _whole.Dispose();
    }

    /// <summary>Digests everything but the newest 32 bytes, which may be etcd's digest.</summary>
    private void Hold(ReadOnlySpan<byte> data)
    {
        if (data.Length >= DigestSize)
        {
            _content.AppendData(_tail.AsSpan(0, _held));
            _content.AppendData(data[..^DigestSize]);
            data[^DigestSize..].CopyTo(_tail);
            _held = DigestSize;
            return;
        }

        var gone = Math.Max(0, _held + data.Length - DigestSize);
        _content.AppendData(_tail.AsSpan(0, gone));
        _tail.AsSpan(gone, _held - gone).CopyTo(_tail);
        _held -= gone;
        data.CopyTo(_tail.AsSpan(_held));
        _held += data.Length;
    }
}
