using EtcdFleet.Lab.Writing;

namespace EtcdFleet.Lab.Tests.Writing;

/// <summary>As much of etcd as the writer needs, and ways to make it lose things.</summary>
internal sealed class MemoryStore
{
    private readonly Dictionary<string, Versioned> _keys = [];
    private readonly HashSet<Acknowledged> _history = [];
    private long _revision = 1;

    /// <summary>Called after each accepted write, with its number in the store.</summary>
    public Action<int> Accepted { get; set; } = static _ => { };

    public int Writes => _history.Count;

    public Versioned? Swap(string key, long expected, long value)
    {
        if (_keys.GetValueOrDefault(key).Revision != expected)
        {
            return Find(key);
        }

        _keys[key] = new(value, ++_revision);
        _history.Add(new(key, value, _revision));
        Accepted(_history.Count);
        return new(value, _history.Max(h => h.Revision));
    }

    /// <summary>Plants a loss: a key goes back to what it was before its last write, as a restore from an older snapshot does.</summary>
    public void LoseLastWrite()
    {
        var last = _history.MaxBy(h => h.Revision);
        _history.Remove(last);
        var before = _history.Where(h => h.Key == last.Key).OrderByDescending(h => h.Revision).FirstOrDefault();
        if (before == default)
        {
            _keys.Remove(last.Key);
        }
        else
        {
            _keys[last.Key] = new(before.Value, before.Revision);
        }
    }

    /// <summary>Plants a subtler loss: a write is missing in the history, although the key has been written again since.</summary>
    public void LoseFromHistory(int number) => _history.Remove(_history.OrderBy(h => h.Revision).ElementAt(number));

    /// <summary>The revisions begin anew, as in a cluster that was made anew.</summary>
    public void TurnBackRevisions() => _revision = 1;

    public Versioned? Find(string key) => _keys.TryGetValue(key, out var value) ? value : null;

    public IReadOnlyDictionary<string, Versioned> All => _keys;

    public IReadOnlySet<Acknowledged> History => _history;
}
