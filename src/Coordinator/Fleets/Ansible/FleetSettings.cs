namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The settings of the whole fleet, which Ansible keeps for each host: all control-plane nodes have to say the same.</summary>
/// <param name="nodes">The control-plane nodes, at least one.</param>
/// <param name="reader">What is wrong is said to it.</param>
internal sealed class FleetSettings(IReadOnlyList<HostValues> nodes, FleetReader reader)
{
    private const string Prefix = "etcdfleet_";

    /// <summary>The settings that are there, by their paths in fleet.yaml.</summary>
    public IReadOnlyDictionary<string, YamlPart> Read()
    {
        var found = new Dictionary<string, YamlPart>();
        foreach (var (name, path) in AnsibleNames.Settings)
        {
            if (Agreed(name, path) is { } value)
            {
                found[path] = value;
            }
        }

        Misspelt();
        return found;
    }

    private YamlPart? Agreed(string name, string path)
    {
        var values = nodes.Select(node => (Node: node, Written: node.Variables.GetValueOrDefault(name), Value: Value(node, name))).ToList();
        // What cannot be read is an error by itself, once in every place.
        if (values.Select(entry => entry.Value).OfType<YamlPart.Unreadable>().ToList() is [var first, .. var others])
        {
            foreach (var other in others.DistinctBy(other => other.Place).Where(other => other.Place != first.Place))
            {
                reader.Problem(other.Place, $"found {other.What}, expected a value that can be read here", path);
            }

            return first;
        }

        var one = values[0];
        foreach (var unlike in values.Where(entry => !Same(entry.Value, one.Value)).DistinctBy(entry => entry.Value?.Place))
        {
            // Where one of the two says nothing, the other one is what stands somewhere.
            var (here, there) = unlike.Value is null ? (one, unlike) : (unlike, one);
            var against = there.Value is null ? $"none for {there.Node.Host}" : $"{Shown(there.Value)} for {there.Node.Host} ({there.Written!.Place})";
            reader.Problem(here.Written!.Place, $"found {Shown(here.Value!)} for {here.Node.Host} and {against}, expected the same for all control-plane nodes", path);
        }

        return one.Value;
    }

    private static YamlPart? Value(HostValues node, string name) => name switch
    {
        // The version in a URL stays a reference, as in fleet.yaml: it has one place (D13).
        AnsibleNames.DownloadUrl => node.With(VersionNames(node), "${version}").Value(name),
        AnsibleNames.MaintenanceEnabled => node.Value(name) is { } value ? AnsibleScalar.Switch(value) : null,
        _ => node.Value(name),
    };

    // etcd_version, and what it stands for where it is nothing but a reference.
    private static List<string> VersionNames(HostValues node)
    {
        var names = new List<string> { AnsibleNames.EtcdVersion };
        while (node.Variables.GetValueOrDefault(names[^1]) is YamlPart.Scalar scalar && Template.OnlyName(scalar.Value) is { } next && !names.Contains(next))
        {
            names.Add(next);
        }

        return names;
    }

    private void Misspelt()
    {
        string[] known = [.. AnsibleNames.Settings.Select(setting => setting.Name), AnsibleNames.Port];
        foreach (var (name, value) in nodes.SelectMany(node => node.Variables).DistinctBy(entry => (entry.Key, entry.Value.Place)))
        {
            if (known.Contains(name))
            {
                continue;
            }

            if (known.FirstOrDefault(right => IsMistyped(name, right)) is { } meant)
            {
                reader.Problem(value.Place, $"found the variable '{name}', expected a setting's name, or one less like it; did you mean '{meant}'?", name);
            }
            else if (name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                reader.Problem(value.Place, $"found the unknown variable '{name}', expected {AnsibleNames.Cluster} or {AnsibleNames.Port}", name);
            }
        }
    }

    // The user's own variables begin with etcd_ as well (etcd_ca_cert, etcd_node): only what can hardly be anything else is a mistake.
    private static bool IsMistyped(string name, string right) =>
        NearMiss.Distance(name, right) <= Math.Min(2, (right.Length - right.IndexOf('_', StringComparison.Ordinal) - 1) / 5);

    // Settings are words, lists of words or mappings to words; anything deeper is an error of its own.
    private static bool Same(YamlPart? one, YamlPart? other) => (one, other) switch
    {
        (null, null) => true,
        (YamlPart.Scalar left, YamlPart.Scalar right) => left.Value == right.Value && left.IsNull == right.IsNull,
        (YamlPart.Sequence left, YamlPart.Sequence right) => left.Items.Select(Word).SequenceEqual(right.Items.Select(Word)),
        (YamlPart.Mapping left, YamlPart.Mapping right) => left.Entries.Select(entry => (entry.Key.Value, Word(entry.Value))).Order().SequenceEqual(right.Entries.Select(entry => (entry.Key.Value, Word(entry.Value))).Order()),
        _ => false,
    };

    // What cannot be read, in a list, is an error by itself and says so for each node in other words.
    private static string Word(YamlPart part) => part switch { YamlPart.Scalar scalar => scalar.Value, YamlPart.Unreadable => "…", _ => part.Kind };

    private static string Shown(YamlPart part) => part switch
    {
        YamlPart.Sequence list => $"[{string.Join(", ", list.Items.Select(Word))}]",
        YamlPart.Mapping mapping => $"{{{string.Join(", ", mapping.Entries.Select(entry => $"{entry.Key.Value}: {Word(entry.Value)}"))}}}",
        _ => part.Kind,
    };
}
