using System.Text;
using EtcdFleet.Agent.Host;

namespace EtcdFleet.TestKit;

/// <summary>A /proc with the processes that a test puts there, in place of the machine's own.</summary>
internal sealed class FakeProc
{
    /// <summary>When the machine started: 2026-11-23 00:00 UTC.</summary>
    public const long Booted = 1_795_392_000;

    private readonly string _folder;

    public FakeProc(HostRoot root)
    {
        _folder = root.Proc;
        if (!Directory.Exists(_folder) || new FileInfo(_folder).LinkTarget is not null)
        {
            File.Delete(_folder); // the link to the real one
        }

        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, "stat"), $"cpu  1 2 3 4\nintr 5\nbtime {Booted}\nprocesses 6\n");
        Directory.CreateDirectory(Path.Combine(_folder, "self"));
    }

    /// <summary>A process, started so many seconds after the machine.</summary>
    public void Run(int pid, IEnumerable<string> command, int seconds = 100, char state = 'S')
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{pid}")).FullName;
        // The name in brackets may hold anything, also a bracket.
        File.WriteAllText(Path.Combine(folder, "stat"), $"{pid} (kube) apiserver) {state} 1 {pid} {pid} 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 {seconds * 100L} 1 2\n");
        File.WriteAllBytes(Path.Combine(folder, "cmdline"), state == 'Z' ? [] : Encoding.UTF8.GetBytes(string.Concat(command.Select(word => $"{word}\0"))));
    }

    public void End(int pid) => Directory.Delete(Path.Combine(_folder, $"{pid}"), recursive: true);
}
