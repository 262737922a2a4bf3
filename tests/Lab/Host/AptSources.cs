namespace EtcdFleet.Lab.Host;

/// <summary>Where this machine gets its Debian packages, read from its own apt sources.</summary>
/// <param name="Uri">The archive's address.</param>
/// <param name="Keyring">File or folder that apt trusts for it; null: apt's own.</param>
internal sealed record DebianArchive(string Uri, string? Keyring);

/// <summary>apt's sources, in both formats: one line each, and deb822.</summary>
internal static class AptSources
{
    private static readonly string[] Codenames = ["bullseye", "bookworm", "trixie", "forky", "duke", "sid", "oldstable", "stable", "testing", "unstable"];

    /// <summary>The first archive that serves a whole Debian suite.</summary>
    /// <param name="folder">apt's folder, <c>/etc/apt</c>.</param>
    /// <exception cref="LabException">There is none.</exception>
    public static DebianArchive FindDebian(string folder = "/etc/apt")
    {
        var listed = Path.Combine(folder, "sources.list.d");
        var files = new[] { Path.Combine(folder, "sources.list") }.Where(File.Exists)
            .Concat(Directory.Exists(listed) ? Directory.EnumerateFiles(listed).Order(StringComparer.Ordinal) : []);
        return files.SelectMany(Read).FirstOrDefault()
            ?? throw new LabException($"no Debian archive found in {folder}/sources.list and sources.list.d, expected one with component main; the lab needs Debian's packages");
    }

    private static IEnumerable<DebianArchive> Read(string file) => Path.GetExtension(file) switch
    {
        ".list" => ReadLines(File.ReadAllLines(file)),
        ".sources" => ReadStanzas(File.ReadAllLines(file)),
        _ => [], // apt reads no other names either
    };

    /// <summary><c>deb [signed-by=FILE arch=amd64] URI SUITE COMPONENT…</c></summary>
    private static IEnumerable<DebianArchive> ReadLines(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(l => l.Split('#')[0].Trim()).Where(l => l.StartsWith("deb ", StringComparison.Ordinal) || l.StartsWith("deb\t", StringComparison.Ordinal)))
        {
            var rest = line[3..].Trim();
            string? keyring = null;
            if (rest.StartsWith('['))
            {
                var end = rest.IndexOf(']', StringComparison.Ordinal);
                keyring = Words(rest[1..end]).FirstOrDefault(o => o.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase))?[10..];
                rest = rest[(end + 1)..];
            }

            if (Words(rest) is [var uri, var suite, .. var components] && IsDebian(uri, [suite], components))
            {
                yield return new(uri.TrimEnd('/'), keyring);
            }
        }
    }

    /// <summary>Stanzas of <c>Types:</c>, <c>URIs:</c>, <c>Suites:</c>, <c>Components:</c>, <c>Signed-By:</c>.</summary>
    private static IEnumerable<DebianArchive> ReadStanzas(IEnumerable<string> lines)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var current = "";
        foreach (var line in lines.Where(l => !l.StartsWith('#')).Append(""))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                if (FromStanza(fields) is { } archive)
                {
                    yield return archive;
                }

                fields.Clear();
            }
            else if (char.IsWhiteSpace(line[0]))
            {
                fields[current] += $"\n{line.Trim()}";
            }
            else
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                current = line[..colon];
                fields[current] = line[(colon + 1)..].Trim();
            }
        }
    }

    private static DebianArchive? FromStanza(Dictionary<string, string> fields)
    {
        var disabled = fields.GetValueOrDefault("Enabled", "yes").Equals("no", StringComparison.OrdinalIgnoreCase);
        var words = (string name) => Words(fields.GetValueOrDefault(name, ""));
        return !disabled && words("Types").Contains("deb") && words("URIs") is [var uri, ..] && IsDebian(uri, words("Suites"), words("Components"))
            // A key that stands in the stanza itself is not a path; apt's own keys then have to do.
            ? new(uri.TrimEnd('/'), fields.GetValueOrDefault("Signed-By") is ['/', ..] keyring ? keyring : null)
            : null;
    }

    private static bool IsDebian(string uri, string[] suites, string[] components) =>
        uri.StartsWith("http", StringComparison.Ordinal) && suites.Any(s => Codenames.Contains(s)) && components.Contains("main");

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
