using System.Text;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A host's variables with their references put in. What cannot be known is a <see cref="YamlPart.Unreadable"/> that says why.</summary>
/// <param name="host">The host.</param>
/// <param name="variables">As the files have them, the one that wins for each name.</param>
/// <param name="encrypted">Files that nobody here can look into.</param>
internal sealed class HostValues(string host, IReadOnlyDictionary<string, YamlPart> variables, IReadOnlyCollection<string> encrypted)
{
    private const int LongestChain = 32;
    private const int LongestText = 64 * 1024;

    private readonly Dictionary<string, YamlPart> _known = [];
    private readonly List<string> _open = [];

    public string Host => host;

    public IReadOnlyDictionary<string, YamlPart> Variables => variables;

    /// <summary>A variable's value, or null when it is not defined.</summary>
    public YamlPart? Value(string name)
    {
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        if (!variables.TryGetValue(name, out var written))
        {
            return null;
        }

        if (_open.Contains(name))
        {
            return Unreadable(written, $"a circle of references ({string.Join(" → ", [.. _open[_open.IndexOf(name)..], name])})");
        }

        if (_open.Count == LongestChain)
        {
            return Unreadable(written, $"a chain of more than {LongestChain} references");
        }

        _open.Add(name);
        var value = Put(written);
        _open.RemoveAt(_open.Count - 1);
        // Within a circle a value depends on where one came in.
        return _open.Count > 0 && value is YamlPart.Unreadable ? value : _known[name] = value;
    }

    /// <summary>These variables, but some with another value.</summary>
    public HostValues With(IEnumerable<string> names, string value) => new(
        host,
        variables.Select(entry => names.Contains(entry.Key) ? new(entry.Key, new YamlPart.Scalar(entry.Value.Line, entry.Value.Column, value, false) { File = entry.Value.File }) : entry).ToDictionary(),
        encrypted);

    private YamlPart Put(YamlPart part) => part switch
    {
        YamlPart.Scalar scalar when Template.IsIn(scalar.Value) => Put(scalar),
        YamlPart.Sequence list => list with { Items = [.. list.Items.Select(Put)] },
        YamlPart.Mapping mapping => mapping with { Entries = [.. mapping.Entries.Select(entry => (entry.Key, Put(entry.Value)))] },
        _ => part,
    };

    private YamlPart Put(YamlPart.Scalar scalar)
    {
        // A reference alone keeps what it refers to, also a list.
        if (Template.OnlyName(scalar.Value) is { } only)
        {
            return Value(only) ?? Undefined(scalar, only);
        }

        var text = new StringBuilder();
        var pieces = Template.Pieces(scalar.Value, out var wrong);
        foreach (var (piece, isName) in pieces)
        {
            if (!isName)
            {
                text.Append(piece);
                continue;
            }

            switch (Value(piece) ?? Undefined(scalar, piece))
            {
                case YamlPart.Scalar value when AnsibleScalar.InText(value) is { } known:
                    text.Append(known);
                    break;
                case YamlPart.Scalar value:
                    return Unreadable(scalar, $"a reference to '{piece}', which is {value.Kind} ({value.Place}) and may look different in a text (in quotes it stays as it is)");
                case YamlPart.Unreadable cannot:
                    return cannot;
                case var other:
                    return Unreadable(scalar, $"a reference to '{piece}' in a text, which is {other.Kind} ({other.Place})");
            }

            if (text.Length > LongestText)
            {
                return Unreadable(scalar, $"a text of more than {LongestText} characters");
            }
        }

        return wrong is null ? scalar with { Value = text.ToString(), Plain = false } : Unreadable(scalar, wrong);
    }

    private static YamlPart.Unreadable Unreadable(YamlPart at, string what) => new(at.Line, at.Column, what) { File = at.File };

    private YamlPart.Unreadable Undefined(YamlPart at, string name) => Unreadable(
        at,
        $"a reference to '{name}', which the inventory does not define for {host}"
        + (NearMiss.Of(name, variables.Keys) is { } near ? $" (did you mean '{near}'?)" : encrypted.Count > 0 ? $" (nobody can look into {string.Join(", ", encrypted)})" : ""));
}
