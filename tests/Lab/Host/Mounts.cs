using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace EtcdFleet.Lab.Host;

/// <summary>Mounts of this machine.</summary>
internal static partial class Mounts
{
    private const int Detach = 2;

    /// <summary>Mount points at or below a folder, the newest first.</summary>
    public static IReadOnlyList<string> Below(string folder) =>
        [.. File.ReadLines("/proc/self/mountinfo").Select(line => Unescape(line.Split(' ')[4]))
            .Where(point => point == folder || point.StartsWith(folder + "/", StringComparison.Ordinal)).Reverse()];

    /// <summary>Takes away everything that is mounted at or below a folder. Idempotent.</summary>
    /// <exception cref="LabException">Something stays mounted.</exception>
    public static void DetachBelow(string folder)
    {
        foreach (var point in Below(folder))
        {
            _ = Unmount(point, 0) == 0 ? 0 : Unmount(point, Detach);
        }

        if (Below(folder) is [var left, ..])
        {
            throw new LabException($"{left} is still mounted, expected it gone; unmount it by hand");
        }
    }

    /// <summary>Deletes a folder of the lab. Refuses while anything is mounted in it, so that nothing of another file system is lost.</summary>
    /// <exception cref="LabException">Something is mounted there.</exception>
    public static void DeleteTree(string folder)
    {
        if (Below(folder) is [var mounted, ..])
        {
            throw new LabException($"{mounted} is mounted, so {folder} was not deleted; unmount it first");
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Unescape(string text) => OctalEscape().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex OctalEscape();

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
