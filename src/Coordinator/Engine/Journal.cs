using System.Text.Json;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>The record of one run: JSON lines, 0600, each on the disk before the next step: the intent before, the receipt after.</summary>
/// <remarks>Never kept in the etcd that is being moved. Secrets never get here (rule 10): receipts carry digests and figures.</remarks>
internal sealed class Journal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private long _seq;

    private Journal(FileStream stream, TimeProvider time) => (_stream, _time) = (stream, time);

    /// <summary>Begins a run's journal; its folder is made, 0700.</summary>
    /// <exception cref="IOException">There is one already: a run's id is never used twice.</exception>
    public static Journal Begin(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var stream = new FileStream(Path.Combine(folder, RunFolders.JournalName), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        Shared.AtomicFile.SyncFolder(folder);
        return new(stream, time);
    }

    /// <summary>Writes one record; it is on the disk when this returns.</summary>
    public void Write(JournalRecord record)
    {
        lock (_gate)
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(record with { Seq = ++_seq, At = _time.GetUtcNow() }, JournalJson.Default.JournalRecord);
            _stream.Write(line);
            _stream.WriteByte((byte)'\n');
            _stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads a journal. A torn last line, of a coordinator that died while it wrote, is left out.</summary>
    /// <exception cref="InvalidDataException">A line before the last is damaged: that is no torn write, and nothing is guessed.</exception>
    public static IReadOnlyList<JournalRecord> Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var records = new List<JournalRecord>(lines.Length);
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                records.Add(JsonSerializer.Deserialize(lines[i], JournalJson.Default.JournalRecord) ?? throw new JsonException("null"));
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
                break;
            }
            catch (JsonException damaged)
            {
                throw new InvalidDataException($"{path}:{i + 1} is damaged: {damaged.Message}", damaged);
            }
        }

        return records;
    }

    public void Dispose() => _stream.Dispose();
}
