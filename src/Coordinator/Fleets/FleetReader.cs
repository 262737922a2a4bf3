using System.Globalization;

namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Takes values of the right type out of YAML parts, and remembers what was wrong and where everything stood.</summary>
/// <param name="names">What the inventory calls things.</param>
internal sealed class FleetReader(FleetNames names)
{
    private readonly Dictionary<string, YamlPart> _places = [];
    private readonly List<(TextPlace Place, string Path, string Message)> _errors = [];

    /// <summary>By file, and in the file's order.</summary>
    public IEnumerable<(TextPlace Place, string Message)> Errors => _errors
        .OrderBy(error => error.Place.File, StringComparer.Ordinal).ThenBy(error => error.Place.Line).ThenBy(error => error.Place.Column)
        .Select(error => (error.Place, names.About(error.Path) + error.Message)).Distinct();

    public FleetNames Names => names;

    public bool Failed => _errors.Count > 0;

    /// <summary>Something is wrong on the level of YAML itself.</summary>
    public void Problem(int line, int column, string message) => Problem(new TextPlace("", line, column), message);

    /// <summary>Something is wrong in a place of its own.</summary>
    /// <param name="place">Where.</param>
    /// <param name="message">What was found, what was expected.</param>
    /// <param name="path">What it concerns; nothing: the inventory as a whole.</param>
    public void Problem(TextPlace place, string message, string path = "") => _errors.Add((place, path, message));

    /// <summary>Something is wrong at a path that was read before, or below it.</summary>
    public void Problem(FleetProblem problem)
    {
        // What could not be read has been said already; judging the empty value that stands for it would only confuse.
        if (_errors.Any(error => error.Path == problem.Path))
        {
            return;
        }

        _errors.Add((Place(problem.Path).Place, problem.Path, problem.Message));
    }

    public bool FailedAt(Func<string, bool> path) => _errors.Any(error => path(error.Path));

    /// <summary>The entries of a mapping by key; unknown keys are errors, and missing ones where they are required.</summary>
    public IReadOnlyDictionary<string, YamlPart> Mapping(YamlPart part, string path, IReadOnlyCollection<string> known, params IReadOnlyCollection<string> required)
    {
        _places[path] = part;
        var found = new Dictionary<string, YamlPart>();
        if (part is not YamlPart.Mapping mapping)
        {
            Wrong(part, path, $"found {part.Kind}, expected a mapping with {string.Join(", ", required.Count > 0 ? required : known)}");
            return found;
        }

        foreach (var (key, value) in mapping.Entries)
        {
            if (known.Contains(key.Value))
            {
                found[key.Value] = value;
                _places[Join(path, key.Value)] = value;
            }
            else
            {
                Wrong(key, Join(path, key.Value), $"found the unknown key '{key.Value}', expected {OneOf(known)}{Suggestion(key.Value, path, known)}");
            }
        }

        foreach (var missing in required.Where(name => !mapping.Entries.Any(entry => entry.Key.Value == name)))
        {
            Wrong(part, Join(path, missing), names.Missing(path, missing));
        }

        return found;
    }

    /// <summary>A list's parts; anything else is an error.</summary>
    public IReadOnlyList<YamlPart> List(IReadOnlyDictionary<string, YamlPart> entries, string path, string key, string expected)
    {
        if (!entries.TryGetValue(key, out var part))
        {
            return [];
        }

        if (part is YamlPart.Sequence sequence)
        {
            return sequence.Items;
        }

        Wrong(part, Join(path, key), $"found {part.Kind}, expected {expected}");
        return [];
    }

    /// <summary>A text that is not empty; <paramref name="otherwise"/> when the key is absent or its value is wrong.</summary>
    public string Text(IReadOnlyDictionary<string, YamlPart> entries, string path, string key, string otherwise, string expected)
    {
        if (!entries.TryGetValue(key, out var part))
        {
            return otherwise;
        }

        _places[Join(path, key)] = part;
        if (part is YamlPart.Scalar { IsNull: false } scalar && !string.IsNullOrWhiteSpace(scalar.Value))
        {
            return scalar.Value;
        }

        Wrong(part, Join(path, key), $"found {(part is YamlPart.Scalar ? "an empty value" : part.Kind)}, expected {expected}");
        return otherwise;
    }

    public bool Flag(IReadOnlyDictionary<string, YamlPart> entries, string path, string key, bool otherwise)
    {
        switch (entries.GetValueOrDefault(key))
        {
            case null:
                return otherwise;
            case YamlPart.Scalar { Plain: true, Value: "true" or "True" or "TRUE" }:
                return true;
            case YamlPart.Scalar { Plain: true, Value: "false" or "False" or "FALSE" }:
                return false;
            case var part:
                Wrong(part, Join(path, key), $"found {part.Kind}, expected true or false");
                return otherwise;
        }
    }

    public int Number(IReadOnlyDictionary<string, YamlPart> entries, string path, string key, int otherwise, string expected)
    {
        switch (entries.GetValueOrDefault(key))
        {
            case null:
                return otherwise;
            case YamlPart.Scalar { Plain: true } scalar when int.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                return number;
            case var part:
                Wrong(part, Join(path, key), $"found {part.Kind}, expected {expected}");
                return otherwise;
        }
    }

    /// <summary>One of a few words.</summary>
    public string Word(IReadOnlyDictionary<string, YamlPart> entries, string path, string key, string otherwise, params IReadOnlyCollection<string> words)
    {
        var word = Text(entries, path, key, otherwise, OneOf(words));
        if (words.Contains(word))
        {
            return word;
        }

        Wrong(entries[key], Join(path, key), $"found '{word}', expected {OneOf(words)}{NearMiss.Hint(word, words)}");
        return otherwise;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string OneOf(IReadOnlyCollection<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} or {words.Last()}";

    private static string Suggestion(string key, string path, IReadOnlyCollection<string> known)
    {
        // The names of the user's Ansible variables carry the group's name: etcd_version is etcd's version.
        foreach (var group in (string[])["etcd", "kubernetes"])
        {
            if (key.StartsWith(group + "_", StringComparison.Ordinal))
            {
                var rest = key[(group.Length + 1)..];
                return path == group && known.Contains(rest) ? $"; did you mean '{rest}'?" : path.Length == 0 ? $"; did you mean '{rest}' below '{group}:'?" : "";
            }
        }

        return NearMiss.Hint(key, known);
    }

    private YamlPart Place(string path)
    {
        for (var at = path; ; at = at[..Math.Max(0, at.LastIndexOfAny(['.', '[']))])
        {
            if (_places.TryGetValue(at, out var part))
            {
                return part;
            }

            if (at.Length == 0)
            {
                return new YamlPart.Scalar(1, 1, "", true);
            }
        }
    }

    private void Wrong(YamlPart part, string path, string message) => _errors.Add((part.Place, path, message));
}
