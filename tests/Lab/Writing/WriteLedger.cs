namespace EtcdFleet.Lab.Writing;

/// <summary>Keeps what was acknowledged and says, at any time, whether what etcd has is consistent with it.</summary>
/// <remarks>
/// There is one writer, and it writes ever greater values with compare-and-swap. So a key holds the value that was acknowledged last,
/// or a later one whose write was never answered. Anything else means that an acknowledged write is gone.
/// </remarks>
internal sealed class WriteLedger
{
    private readonly List<Acknowledged> _acknowledged = [];
    private readonly Dictionary<string, Versioned> _last = [];
    private readonly Dictionary<string, HashSet<long>> _unanswered = [];
    private readonly HashSet<Acknowledged> _lost = [];
    private readonly List<string> _losses = [];

    /// <summary>Acknowledged writes, in order.</summary>
    public IReadOnlyList<Acknowledged> Writes => _acknowledged;

    /// <summary>Acknowledged writes known to be lost.</summary>
    public int Lost => _lost.Count;

    /// <summary>What was lost, a line each.</summary>
    public IReadOnlyList<string> Losses => _losses;

    /// <summary>The revision at which the key was last seen to be written; 0 when never.</summary>
    public long BaseRevision(string key) => _last.GetValueOrDefault(key).Revision;

    /// <summary>A write got no answer, or is about to be sent: it may or may not have been taken.</summary>
    public void Sent(string key, long value) => (_unanswered.TryGetValue(key, out var set) ? set : _unanswered[key] = []).Add(value);

    /// <summary>
    /// etcd's answer to a compare-and-swap: the state of the key. True when the write was acknowledged by it; false when the key had
    /// another state, which is now the base of the next attempt.
    /// </summary>
    public bool Answered(string key, long value, Versioned? state)
    {
        if (state is { } taken && taken.Value == value)
        {
            if (_acknowledged is [.., var before] && taken.Revision <= before.Revision)
            {
                // A history that ran backwards: the earlier write stands on one that this one knows nothing of.
                Lose(before, $"{key}={value} was acknowledged at revision {taken.Revision}, after {before.Key}={before.Value} at {before.Revision}");
            }

            _acknowledged.Add(new(key, value, taken.Revision));
            _last[key] = taken;
            _unanswered.Remove(key);
            return true;
        }

        CheckState(key, state);
        _last[key] = state ?? default;
        return false;
    }

    /// <summary>Checks the keys as they are at the end.</summary>
    public void CheckEnd(IReadOnlyDictionary<string, Versioned> all)
    {
        foreach (var key in _acknowledged.Select(a => a.Key).Distinct())
        {
            CheckState(key, all.TryGetValue(key, out var state) ? state : null);
        }
    }

    /// <summary>Checks that every acknowledged write happened, at the revision that was acknowledged.</summary>
    public void CheckHistory(IReadOnlySet<Acknowledged> history)
    {
        foreach (var write in _acknowledged.Where(w => !history.Contains(w)))
        {
            Lose(write, $"{write.Key}={write.Value}, acknowledged at revision {write.Revision}, is not in the history");
        }
    }

    private void CheckState(string key, Versioned? state)
    {
        if (!_acknowledged.Any(a => a.Key == key))
        {
            return;
        }

        var last = _acknowledged.Last(a => a.Key == key);
        var sound = state is { } s && (s.Value == last.Value ? s.Revision == last.Revision : s.Value > last.Value && _unanswered.GetValueOrDefault(key, []).Contains(s.Value));
        if (!sound)
        {
            var found = state is { } other ? $"{other.Value} at revision {other.Revision}" : "no such key";
            Lose(last, $"{key}: acknowledged {last.Value} at revision {last.Revision}, found {found}");
        }
    }

    private void Lose(Acknowledged write, string what)
    {
        if (_lost.Add(write))
        {
            _losses.Add(what);
        }
    }
}
