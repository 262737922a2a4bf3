using System.Globalization;
using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>What a hosts file lists as a host: a name, perhaps with ranges (<c>cp[1:3]</c>) and a port.</summary>
internal static partial class HostPattern
{
    /// <summary>No fleet is as large; a range may be.</summary>
    private const int MostHosts = 10_000;

    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>The hosts that it stands for; none when it cannot be understood.</summary>
    public static IReadOnlyList<ListedHost> Expand(string pattern, TextPlace place, Action<TextPlace, string> problem)
    {
        var (hosts, port) = WithPort().Match(pattern) is { Success: true } match
            ? (match.Groups["host"].Value, new YamlPart.Scalar(place.Line, place.Column, match.Groups["port"].Value, true) { File = place.File })
            : (pattern, null);
        if (hosts.Length == 0 || hosts.EndsWith(':') || hosts == "---")
        {
            problem(place, $"found '{pattern}', expected the name of a host");
            return [];
        }

        var names = new List<string> { hosts };
        while (names.Any(name => name.Contains('[')))
        {
            var next = new List<string>();
            foreach (var name in names)
            {
                if (Range(name, place, problem) is not { } expanded)
                {
                    return [];
                }

                next.AddRange(expanded);
                if (next.Count > MostHosts)
                {
                    problem(place, $"found a range of more than {MostHosts} hosts, expected fewer");
                    return [];
                }
            }

            names = next;
        }

        return [.. names.Select(name => new ListedHost(name, port))];
    }

    private static IReadOnlyList<string>? Range(string name, TextPlace place, Action<TextPlace, string> problem)
    {
        if (InBrackets().Match(name) is not { Success: true } range)
        {
            problem(place, $"found '{name}', expected a range as in cp[1:3], cp[01:12:2] or cp[a:c]");
            return null;
        }

        var (head, tail) = (name[..range.Index], name[(range.Index + range.Length)..]);
        var (from, to) = (range.Groups["from"].Value is { Length: > 0 } begin ? begin : "0", range.Groups["to"].Value);
        var padded = from.Length > 1 && from[0] == '0';
        var isLetters = from.Length == 1 && to.Length == 1 && Letters.Contains(from[0]) && Letters.Contains(to[0]);
        int first = 0, last = 0, step = 1;
        var sound = (isLetters || (Number(from, out first) && Number(to, out last) && !(padded && from.Length != to.Length)))
            && (!range.Groups["step"].Success || (Number(range.Groups["step"].Value, out step) && step > 0));
        if (isLetters)
        {
            (first, last) = (Letters.IndexOf(from[0], StringComparison.Ordinal), Letters.IndexOf(to[0], StringComparison.Ordinal));
        }

        if (!sound || first > last)
        {
            problem(place, $"found the range '{range.Value}', expected it from a smaller to a larger number (of as many digits, when it begins with 0) or letter");
            return null;
        }

        // More than any fleet has is an error of the caller's; here it only must not fill the memory.
        var count = Math.Min(((last - first) / step) + 1, MostHosts + 1);
        return
        [
            .. Enumerable.Range(0, count).Select(index => first + (index * step)).Select(at =>
                head + (isLetters ? Letters[at].ToString() : at.ToString(padded ? $"D{from.Length}" : "D", CultureInfo.InvariantCulture)) + tail),
        ];
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 1_000_000_000;

    [GeneratedRegex(@"^(?:\[(?<host>[0-9A-Fa-f:.]+)\]|(?<host>(?:[\w.-]|\[[^\]]*\])+)):(?<port>[0-9]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex WithPort();

    [GeneratedRegex(@"\[(?<from>[^\[\]:]*):(?<to>[^\[\]:]+)(?::(?<step>[0-9]+))?\]", RegexOptions.CultureInvariant)]
    private static partial Regex InBrackets();
}
