using System.Globalization;
using System.Text;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A quoted text as Python writes it: <c>'…'</c>, <c>"…"</c>, <c>'''…'''</c>, with r, u or b before it.</summary>
/// <param name="Text">What it says.</param>
/// <param name="IsBytes">It is no text at all.</param>
/// <param name="End">Where it ended.</param>
internal sealed record PythonText(string Text, bool IsBytes, int End)
{
    private const string Plain = "abfnrtv\\'\"";
    private const string Meant = "\a\b\f\n\r\t\v\\'\"";

    /// <summary>Does one begin there?</summary>
    public static bool Opens(string line, int at) => Prefix(line, at) is { } prefix && at + prefix.Length < line.Length && line[at + prefix.Length] is '\'' or '"';

    /// <summary>The one that begins there, or null: it is not closed, or its escapes are wrong.</summary>
    public static PythonText? Read(string line, int at)
    {
        var prefix = Prefix(line, at) ?? "";
        var raw = prefix.Contains('r', StringComparison.OrdinalIgnoreCase);
        at += prefix.Length;
        var quote = line[at].ToString();
        if (string.CompareOrdinal(line, at, quote + quote + quote, 0, 3) == 0)
        {
            quote += quote + quote;
        }

        var text = new StringBuilder();
        for (at += quote.Length; at < line.Length;)
        {
            if (string.CompareOrdinal(line, at, quote, 0, quote.Length) == 0)
            {
                return new(text.ToString(), prefix.Contains('b', StringComparison.OrdinalIgnoreCase), at + quote.Length);
            }

            if (line[at] != '\\')
            {
                text.Append(line[at++]);
            }
            else if (at + 1 == line.Length)
            {
                return null;
            }
            else if (raw)
            {
                text.Append(line, at, 2);
                at += 2;
            }
            else if (Escape(line, at + 1, text) is { } next)
            {
                at = next;
            }
            else
            {
                return null;
            }
        }

        return null;
    }

    // What stands after a backslash; gives where it ended.
    private static int? Escape(string line, int at, StringBuilder text)
    {
        if (Plain.IndexOf(line[at], StringComparison.Ordinal) is >= 0 and var known)
        {
            text.Append(Meant[known]);
            return at + 1;
        }

        if (line[at] is >= '0' and <= '7')
        {
            var end = at;
            var code = 0;
            while (end < line.Length && end < at + 3 && line[end] is >= '0' and <= '7')
            {
                code = (code * 8) + line[end++] - '0';
            }

            text.Append((char)code);
            return end;
        }

        var digits = line[at] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            // \N{NAME} is the one escape that wants a table; any other unknown one stays as it is.
            text.Append('\\').Append(line[at]);
            return line[at] == 'N' ? null : at + 1;
        }

        if (at + digits >= line.Length || !int.TryParse(line.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) || point is < 0 or > 0x10FFFF)
        {
            return null;
        }

        text.Append(point is < 0x10000 ? ((char)point).ToString() : char.ConvertFromUtf32(point));
        return at + 1 + digits;
    }

    private static string? Prefix(string line, int at)
    {
        var end = at;
        while (end < line.Length && end < at + 2 && char.IsAsciiLetter(line[end]))
        {
            end++;
        }

        return line[at..end] is { } found && found.ToUpperInvariant() is "" or "R" or "U" or "B" or "BR" or "RB" ? line[at..end] : null;
    }
}
