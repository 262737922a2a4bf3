namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The group_vars and host_vars beside the hosts files.</summary>
/// <param name="folder">The folder that has them.</param>
/// <param name="name">What messages call it; empty: the current one.</param>
/// <param name="problem">Called for a file that cannot be read.</param>
internal sealed class VariableFiles(string folder, string name, Action<TextPlace, string> problem)
{
    // The first one that exists is taken, and no other.
    private static readonly string[] Endings = ["", ".yml", ".yaml", ".json"];

    private readonly Dictionary<string, IReadOnlyDictionary<string, YamlPart>> _read = [];

    /// <summary>Files that are encrypted as a whole, which are passed over, by what messages call them.</summary>
    public SortedSet<string> Encrypted { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, YamlPart> OfGroup(string group) => Of("group_vars", group);

    public IReadOnlyDictionary<string, YamlPart> OfHost(string host) => Of("host_vars", host);

    private IReadOnlyDictionary<string, YamlPart> Of(string kind, string whose)
    {
        var key = Path.Combine(kind, whose);
        if (!_read.TryGetValue(key, out var variables))
        {
            // A name that would lead out of the folder is no file's.
            _read[key] = variables = whose.Contains('/') || whose is "." or ".." ? new Dictionary<string, YamlPart>() : Merged(key);
        }

        return variables;
    }

    private Dictionary<string, YamlPart> Merged(string key)
    {
        var variables = new Dictionary<string, YamlPart>();
        foreach (var file in Found(key))
        {
            foreach (var (variable, value) in Entries(file))
            {
                variables[variable.Value] = value;
            }
        }

        return variables;
    }

    private List<string> Found(string key)
    {
        foreach (var ending in Endings)
        {
            var path = Path.Combine(folder, key + ending);
            if (Directory.Exists(path))
            {
                return Below(key + ending, 0);
            }

            if (File.Exists(path))
            {
                return [key + ending];
            }
        }

        return [];
    }

    private List<string> Below(string key, int depth)
    {
        var found = new List<string>();
        foreach (var entry in Listed(key).Order(StringComparer.Ordinal).Where(entry => !entry.StartsWith('.') && !entry.EndsWith('~')))
        {
            var (below, ending) = (Path.Combine(key, entry), Path.GetExtension(entry));
            if (!Directory.Exists(Path.Combine(folder, below)))
            {
                found.AddRange(Endings.Contains(ending) ? [below] : []);
            }
            else if (ending.Length == 0)
            {
                // A link back to a folder above would have no end.
                if (depth == 8)
                {
                    problem(new(Shown(below), 1, 1), "found folders nested deeper than 8, expected fewer");
                    break;
                }

                found.AddRange(Below(below, depth + 1));
            }
        }

        return found;
    }

    private IReadOnlyList<string> Listed(string key)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Path.Combine(folder, key)).Select(entry => Path.GetFileName(entry))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem(new(Shown(key), 1, 1), $"found a folder that cannot be read ({error.Message}), expected variables");
            return [];
        }
    }

    private IReadOnlyList<(YamlPart.Scalar Key, YamlPart Value)> Entries(string key)
    {
        var place = new TextPlace(Shown(key), 1, 1);
        if (InventoryText.Read(Path.Combine(folder, key), place, problem) is not { } text)
        {
            return [];
        }

        if (text.StartsWith("$ANSIBLE_VAULT;", StringComparison.Ordinal))
        {
            Encrypted.Add(place.File);
            return [];
        }

        switch (AnsibleYaml.Read(text, place.File, problem))
        {
            case null or YamlPart.Scalar { IsNull: true }:
                return [];
            case YamlPart.Mapping mapping:
                return mapping.Entries;
            case var other:
                problem(other.Place, $"found {other.Kind}, expected a mapping of variables");
                return [];
        }
    }

    private string Shown(string key) => Path.Combine(name, key);
}
