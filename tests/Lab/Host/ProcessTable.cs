using System.Globalization;
using System.Runtime.InteropServices;

namespace EtcdFleet.Lab.Host;

/// <summary>A process, told apart from a later one with the same id by its start time.</summary>
/// <param name="Id">Process id, as this machine's PID 1 sees it.</param>
/// <param name="Started">Field 22 of /proc/PID/stat: clock ticks since the machine started.</param>
internal readonly record struct ProcessIdentity(int Id, long Started);

/// <summary>The processes of this machine, from /proc.</summary>
internal static partial class ProcessTable
{
    private const int Kill9 = 9;

    /// <summary>The process with that id as it is now; null when there is none.</summary>
    public static ProcessIdentity? Find(int id) => Stat(id) is { } stat ? new(id, stat.Started) : null;

    /// <summary>True while exactly this process exists and is not a zombie.</summary>
    public static bool IsAlive(ProcessIdentity process) => Stat(process.Id) is { State: not 'Z' } stat && stat.Started == process.Started;

    /// <summary>The children of a process, in no order.</summary>
    public static IReadOnlyList<ProcessIdentity> ChildrenOf(int parent) =>
        [.. AllIds().Select(id => (id, stat: Stat(id))).Where(p => p.stat?.Parent == parent).Select(p => new ProcessIdentity(p.id, p.stat!.Value.Started))];

    /// <summary>The process's name, at most 15 characters; empty when it is gone.</summary>
    public static string NameOf(int id) => ReadOrEmpty($"/proc/{id}/comm").TrimEnd('\n');

    /// <summary>Ends a process at once. Nothing happens when it is gone already, or when its id belongs to another by now.</summary>
    public static void Kill(ProcessIdentity process)
    {
        if (IsAlive(process))
        {
            _ = KillNative(process.Id, Kill9);
        }
    }

    private static IEnumerable<int> AllIds() => Directory.EnumerateDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0);

    private static (char State, int Parent, long Started)? Stat(int id)
    {
        // The name, in parentheses, may hold anything; the fields are counted from its end.
        var text = ReadOrEmpty($"/proc/{id}/stat");
        if (text.LastIndexOf(')') is var end && end < 0)
        {
            return null;
        }

        var fields = text[(end + 2)..].Split(' ');
        return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillNative(int id, int signal);
}
