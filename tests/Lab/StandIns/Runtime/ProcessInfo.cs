using System.Globalization;

namespace EtcdFleet.Lab.StandIns.Runtime;

/// <summary>What /proc says of a process.</summary>
internal static class ProcessInfo
{
    /// <summary>When a process was started, in the kernel's ticks; null when there is none, or only a zombie.</summary>
    public static long? StartedOf(int id)
    {
        try
        {
            // The name, in parentheses, may hold anything; the fields are counted from its end.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
