using EtcdFleet.Agent.Host;
using EtcdFleet.Shared;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

/// <summary>Puts a link in a folder's place between look and change, and knows what must stay as it is behind the link.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly TemporaryFolder _outside = new();
    private readonly Action<string> _before = AtomicFile.Changing;

    public Exchange()
    {
        Directory.CreateDirectory(_outside.At("restored", "member"));
        Directory.CreateDirectory(_outside.At("member"));
        foreach (var file in Files)
        {
            _outside.Write(file, "outside");
        }
    }

    /// <summary>Where the link leads to.</summary>
    public string Outside => _outside.Path;

    private static IReadOnlyList<string> Files { get; } = [".left.part", "db", "etcd.yaml", "member/db", "restored/member/db"];

    /// <summary>Exchanges a folder for a link to the outside, just before a change.</summary>
    /// <param name="folder">What is moved aside.</param>
    /// <param name="at">Before the change of this number, from 0 on.</param>
    /// <param name="below">Changes count below this folder; null: below the exchanged one.</param>
    /// <param name="aside">Where it goes; null: the same name with ".moved".</param>
    public void ForALink(string folder, int at, string? below = null, string? aside = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(aside ?? folder)!);
        var seen = 0;
        AtomicFile.Changing = path =>
        {
            if (path.StartsWith(below ?? folder, StringComparison.Ordinal) && seen++ == at)
            {
                Directory.Move(folder, aside ?? $"{folder}.moved");
                File.CreateSymbolicLink(folder, Outside);
            }
        };
    }

    /// <summary>Everything behind the link has its name, its owner and its content, and there is nothing else.</summary>
    public void Untouched() => Assert.Equal(
        [.. Files.Select(file => $"{file} 0:0 outside"), "member 0:0", "restored 0:0", "restored/member 0:0"],
        Directory.EnumerateFileSystemEntries(Outside, "*", SearchOption.AllDirectories)
            .Select(path => $"{path[(Outside.Length + 1)..]} {Owner(path)}{(File.Exists(path) ? $" {File.ReadAllText(path)}" : "")}").OrderBy(line => line.EndsWith("outside", StringComparison.Ordinal) ? 0 : 1).ThenBy(line => line, StringComparer.Ordinal));

    public void Dispose()
    {
        AtomicFile.Changing = _before;
        _outside.Dispose();
    }

    private static string Owner(string path) => Native.Stat(path)!.Value.Owner is var owner ? $"{owner.User}:{owner.Group}" : "";
}
