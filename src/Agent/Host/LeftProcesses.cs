using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EtcdFleet.Agent.Host;

/// <summary>Programs that an agent that was killed has left at work on its scratch files.</summary>
/// <remarks>systemd kills them with the agent (KillMode=mixed). This is for an agent that was started by hand, or under another service manager.</remarks>
internal static class LeftProcesses
{
    private const string Flag = "--data-dir";

    /// <summary>Kills whatever has its data dir below a folder that is the agent's alone, and waits until it is gone.</summary>
    public static void End(HostRoot root, string folder)
    {
        foreach (var id in Ids(root).Where(id => Works(root, id, folder)))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
                process.WaitForExit();
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has ended by itself.
            }
        }
    }

    private static IEnumerable<int> Ids(HostRoot root) => !Directory.Exists(root.Proc) ? [] : Directory.EnumerateDirectories(root.Proc)
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && id != Environment.ProcessId);

    private static bool Works(HostRoot root, int id, string folder)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(root.Proc, id.ToString(CultureInfo.InvariantCulture), "cmdline"))).Split('\0');
            return words.Zip(words.Skip(1).Append("")).Any(pair => pair.First.StartsWith($"{Flag}={folder}/", StringComparison.Ordinal) || (pair.First == Flag && pair.Second.StartsWith($"{folder}/", StringComparison.Ordinal)));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
