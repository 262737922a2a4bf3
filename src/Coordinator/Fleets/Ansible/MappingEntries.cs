namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A YAML mapping's entries while it is read: keys once, and merges (<c>&lt;&lt;</c>) below what the mapping says itself.</summary>
internal sealed class MappingEntries
{
    private readonly List<(YamlPart.Scalar Key, YamlPart Value)> _own = [];
    private readonly Dictionary<string, int> _indexes = [];
    private readonly List<(YamlPart.Scalar Key, YamlPart Value)> _merged = [];

    public IReadOnlyList<(YamlPart.Scalar Key, YamlPart Value)> All =>
        _merged.Count == 0 ? _own : [.. _own, .. _merged.DistinctBy(entry => entry.Key.Value).Where(entry => !_indexes.ContainsKey(entry.Key.Value))];

    /// <summary>Ansible takes the last of two equal keys, with a warning. Here it is nobody's guess which one was meant.</summary>
    public void Add(YamlPart.Scalar key, YamlPart value)
    {
        if (_indexes.TryAdd(key.Value, _own.Count))
        {
            _own.Add((key, value));
            return;
        }

        var first = _own[_indexes[key.Value]].Key;
        _own[_indexes[key.Value]] = (first, new YamlPart.Unreadable(key.Line, key.Column, $"the key '{key.Value}' a second time (first on line {first.Line})") { File = key.File });
    }

    /// <summary>False: nothing that can be merged.</summary>
    public bool Merge(YamlPart value)
    {
        switch (value)
        {
            case YamlPart.Mapping mapping:
                _merged.AddRange(mapping.Entries);
                return true;
            case YamlPart.Sequence list when list.Items.All(item => item is YamlPart.Mapping):
                _merged.AddRange(list.Items.Cast<YamlPart.Mapping>().SelectMany(mapping => mapping.Entries));
                return true;
            default:
                return false;
        }
    }
}
