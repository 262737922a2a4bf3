using EtcdFleet.Agent.Runs;

namespace EtcdFleet.TestKit;

/// <summary>Copies of journals in memory, for the real rules of keeping them.</summary>
internal sealed class MemoryRunFiles : IRunFiles
{
    private readonly Dictionary<(string Run, string File), byte[]> _files = [];

    /// <summary>Every file's content, by run and name: a test may damage them.</summary>
    public IDictionary<(string Run, string File), byte[]> Files => _files;

    /// <summary>The agent's own rules over them.</summary>
    public KeptRuns Kept => field ??= new(this);

    public IReadOnlyList<string> Runs() => [.. _files.Keys.Select(file => file.Run).Distinct()];

    public byte[]? Read(string run, string file) => _files.GetValueOrDefault((run, file));

    public void Write(string run, string file, ReadOnlySpan<byte> content) => _files[(run, file)] = content.ToArray();

    public void Append(string run, string file, long length, ReadOnlySpan<byte> content) =>
        _files[(run, file)] = [.. (_files.GetValueOrDefault((run, file)) ?? []).Take((int)length), .. content];

    public void Remove(string run) => _files.Keys.Where(file => file.Run == run).ToList().ForEach(file => _files.Remove(file));

    public string Name(string run) => $"/var/lib/etcdfleet/runs/{run}";

    public MemoryRunFiles Copy()
    {
        var copy = new MemoryRunFiles();
        foreach (var (file, content) in _files)
        {
            copy._files[file] = content;
        }

        return copy;
    }
}
