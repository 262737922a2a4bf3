using System.Text.Json;
using EtcdFleet.Shared;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>The record of one run: JSON lines, 0600, each on the disk before the next step: the intent before, the receipt after.</summary>
/// <remarks>Never kept in the etcd that is being moved. Secrets never get here (rule 10): receipts carry digests and figures.</remarks>
internal sealed class Journal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private readonly IJournalMirror? _mirror;
    private long _length;
    private long _seq;

    private Journal(FileStream stream, TimeProvider time, IJournalMirror? mirror) => (_stream, _time, _mirror) = (stream, time, mirror);

    /// <summary>Begins a run's journal; its folder is made, 0700.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="time">The clock of its records.</param>
    /// <param name="mirror">Where its lines go as well; null: nowhere.</param>
    /// <exception cref="IOException">There is one already: a run's id is never used twice.</exception>
    public static Journal Begin(string folder, TimeProvider time, IJournalMirror? mirror = null)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var stream = new FileStream(Path.Combine(folder, RunFolders.JournalName), new FileStreamOptions
        {
            // Without a buffer: what a full disk did not take must not come out with the next record.
            Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        AtomicFile.SyncFolder(folder);
        return new(stream, time, mirror);
    }

    /// <summary>Writes one record; it is on the disk when this returns. One that fails leaves nothing: the next has its number and its place.</summary>
    public void Write(JournalRecord record)
    {
        lock (_gate)
        {
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(record with { Seq = _seq + 1, At = _time.GetUtcNow() }, JournalJson.Default.JournalRecord), (byte)'\n'];
            if (_stream.Length != _length)
            {
                _stream.SetLength(_length);
            }

            _stream.Position = _length;
            _stream.Write(line);
            _stream.Flush(flushToDisk: true);
            (_seq, _length) = (_seq + 1, _length + line.Length);
            _mirror?.Add(line);
        }
    }

    /// <summary>Waits, for a short time, until what was written would survive the loss of this machine. It never throws, and stops nothing.</summary>
    public Task MirroredAsync() => _mirror?.ReachMajorityAsync() ?? Task.CompletedTask;

    /// <summary>Waits until what was written is everywhere where it has to be before a step is applied.</summary>
    /// <param name="cancellationToken">The operator's Ctrl-C.</param>
    /// <exception cref="StepFault">It is not: the step must not begin.</exception>
    /// <exception cref="Leases.LeaseLostException">The lock is another run's.</exception>
    public Task KeptAsync(CancellationToken cancellationToken) => _mirror?.EnsureKeptAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>Reads a journal. A torn end, of a coordinator that died while it wrote or of a machine that lost power, is left out.</summary>
    /// <exception cref="InvalidDataException">It is damaged otherwise: that is no torn write, and nothing is guessed.</exception>
    public static IReadOnlyList<JournalRecord> Read(string path)
    {
        var text = Text(path);
        var records = new List<JournalRecord>(text.Lines.Count);
        foreach (var line in text.Raw)
        {
            try
            {
                records.Add(JsonSerializer.Deserialize(line.Span, JournalJson.Default.JournalRecord) ?? throw new JsonException("null"));
            }
            catch (JsonException damaged)
            {
                throw new InvalidDataException($"{path}:{records.Count + 1} is damaged: {damaged.Message}", damaged);
            }
        }

        return records;
    }

    /// <summary>A journal's whole lines; none where there is no file.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static JournalText Text(string path)
    {
        if (!File.Exists(path))
        {
            return JournalText.Read(default, path);
        }

        // Its run may be at work: .NET's own readers mind a writer.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return JournalText.Read(content.ToArray(), path);
    }

    public void Dispose() => _stream.Dispose();
}
