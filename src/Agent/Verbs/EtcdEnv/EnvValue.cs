using System.Text;
using System.Text.RegularExpressions;

namespace EtcdFleet.Agent.Verbs.EtcdEnv;

/// <summary>What systemd's EnvironmentFile= can carry, and how it is written there.</summary>
internal static partial class EnvValue
{
    // systemd tells a service these about itself; a file that sets them would cut etcd off from READY=1 and the journal.
    private static readonly HashSet<string> OwnedBySystemd =
    [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID",
        "CREDENTIALS_DIRECTORY", "SYSTEMD_EXEC_PID",
    ];

    /// <summary>A line of the file. Always in double quotes, where systemd takes a backslash away from the four characters that have one here and nothing else is special.</summary>
    /// <exception cref="ArgumentException">The name or the value cannot be carried (<see cref="Trouble"/>).</exception>
    public static string Line(string name, string value)
    {
        if ((NameTrouble(name) is { Length: > 0 } named ? named : Trouble(value)) is { Length: > 0 } trouble)
        {
            throw new ArgumentException($"{Printable(name)} {trouble}", nameof(value));
        }

        var line = new StringBuilder(name).Append("=\"");
        foreach (var character in value)
        {
            if (character is '"' or '\\' or '`' or '$')
            {
                line.Append('\\');
            }

            line.Append(character);
        }

        return line.Append('"').ToString();
    }

    /// <summary>Why a value cannot stand in the file; empty when it can. Never repeats the value: it may be a secret.</summary>
    public static string Trouble(string value)
    {
        if (value.Any(char.IsControl))
        {
            return "has a line break or another control character, which an environment file cannot carry, expected one line of text";
        }

        return value.EnumerateRunes().Any(Broken) ? "is not valid text (a broken character), expected UTF-8" : "";
    }

    /// <summary>Why a variable's name cannot stand in the file; empty when it can.</summary>
    public static string NameTrouble(string name) =>
        !Name().IsMatch(name) ? "has a name that systemd does not take, expected letters, digits and '_', not beginning with a digit"
        : OwnedBySystemd.Contains(name) ? "is systemd's own to set, expected another variable"
        : "";

    /// <summary>A text for a message: control characters shown as '?', and not endless.</summary>
    public static string Printable(string text)
    {
        var shown = new string([.. text.Take(120).Select(character => char.IsControl(character) ? '?' : character)]);
        return text.Length > 120 ? shown + "…" : shown;
    }

    // Half a pair is read as the replacement character; systemd ignores a variable with one of Unicode's non-characters.
    private static bool Broken(Rune rune) => rune == Rune.ReplacementChar || (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
