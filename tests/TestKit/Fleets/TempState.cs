namespace EtcdFleet.TestKit;

/// <summary>A coordinator's state folder of a test's own. In memory where the machine has a place for that: journals are fsynced line by line.</summary>
internal sealed class TempState : IDisposable
{
    public TempState() => Path = Directory.CreateDirectory(System.IO.Path.Combine(Root, $"etcdfleet-test-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    private static string Root => Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();

    /// <summary>What is on the disk at this moment, as a coordinator that dies now leaves it.</summary>
    public TempState Copy()
    {
        var copy = new TempState();
        foreach (var file in Directory.GetFiles(Path, "*", SearchOption.AllDirectories))
        {
            var target = System.IO.Path.Combine(copy.Path, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            if (!file.EndsWith(".lock", StringComparison.Ordinal))
            {
                // The writer still has it open, and .NET's own readers mind that.
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var written = File.Create(target);
                stream.CopyTo(written);
            }
        }

        return copy;
    }

    /// <summary>The journals of all runs, in the order in which the runs began.</summary>
    public IReadOnlyList<string> Journals() => Directory.Exists(System.IO.Path.Combine(Path, "runs"))
        ? [.. Directory.GetFiles(System.IO.Path.Combine(Path, "runs"), "journal.jsonl", SearchOption.AllDirectories).OrderBy(File.GetCreationTimeUtc)]
        : [];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
