using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;

namespace EtcdFleet.Agent.Operations;

/// <summary>Who asked this node for what, and what came of it: JSON lines in /var/lib/etcdfleet/audit.jsonl, 0600, fsynced.</summary>
/// <remarks>Every mutating call and every refused caller. Requests' contents stay out of it, and so do secrets (rule 10).</remarks>
internal sealed class AuditLog(HostRoot root, TimeProvider time) : IDisposable
{
    /// <summary>At this size, in bytes, the file is renamed with the date in its name, and a new one begun.</summary>
    private const long RotateAt = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private FileStream? _stream;

    private string FilePath => Path.Combine(root.State, "audit.jsonl");

    /// <summary>Writes one record, durable when this returns.</summary>
    public void Write(AuditRecord record)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(record with { At = time.GetUtcNow() }, AuditJson.Default.AuditRecord);
        lock (_gate)
        {
            if (_stream is { Length: > RotateAt })
            {
                _stream.Dispose();
                _stream = null;
                AtomicFile.Rename(FilePath, Path.Combine(root.State, $"audit-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.jsonl"));
            }

            while (true)
            {
                try
                {
                    WriteOnce(line);
                    return;
                }
                catch (IOException full) when (AtomicFile.IsFull(full) && AtomicFile.MakesRoom.Value?.Invoke() == true)
                {
                    // Once more, with a little room.
                }
            }
        }
    }

    public void Dispose() => _stream?.Dispose();

    private void WriteOnce(byte[] line)
    {
        try
        {
            _stream ??= Open();
            var before = _stream.Length;
            try
            {
                _stream.Write(line);
                _stream.WriteByte((byte)'\n');
                _stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                _stream.SetLength(before); // half a line, on a full disk for instance, is nobody's record
                throw;
            }
        }
        catch (IOException)
        {
            // What is left of the line all the same is closed off when the file is opened again.
            try
            {
                _stream?.Dispose();
            }
            catch (IOException)
            {
                // It has been said already.
            }

            _stream = null;
            throw;
        }
    }

    private FileStream Open()
    {
        Directory.CreateDirectory(root.State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var stream = new FileStream(FilePath, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, BufferSize = 0,
        });
        if (stream.Length == 0)
        {
            AtomicFile.SyncFolder(root.State);
            return stream;
        }

        stream.Seek(-1, SeekOrigin.End);
        if (stream.ReadByte() != '\n')
        {
            // The agent, or the machine, died in the middle of a line: the next one must not become a part of it.
            stream.WriteByte((byte)'\n');
        }

        return stream;
    }
}

/// <summary>One line of the audit log.</summary>
internal sealed record AuditRecord
{
    public DateTimeOffset At { get; init; }

    /// <summary>begin and end of a verb; refused: an operation that did not come to its verb; denied: a caller who may not.</summary>
    public required string What { get; init; }

    /// <summary>The identity in the certificate, "uid 0" on the local socket, or why there is none.</summary>
    public required string Caller { get; init; }

    /// <summary>The caller's address, "local" on the socket.</summary>
    public required string From { get; init; }

    /// <summary>The rpc's full name; "connection" when it did not come to a call.</summary>
    public required string Rpc { get; init; }

    public string Operation { get; init; } = "";

    public string Run { get; init; } = "";

    public string Step { get; init; } = "";

    /// <summary>changed, unchanged, repeated, or the fault's reason.</summary>
    public string Outcome { get; init; } = "";

    public string Detail { get; init; } = "";

    public double? Milliseconds { get; init; }

    /// <summary>How many like it were not written since the last one that was; only connections are thinned out so.</summary>
    public long Suppressed { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class AuditJson : JsonSerializerContext;
