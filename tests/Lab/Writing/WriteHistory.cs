using EtcdFleet.TestKit;

namespace EtcdFleet.Lab.Writing;

/// <summary>What the writer called and was told, as a history that is searched for an order which explains it: the fault matrix judges its fleets by the same search.</summary>
/// <remarks>The writer swaps by revision, and each of its values is written once: to hold a value and to be at its revision are the same. Revisions are compared key by key, because an answer
/// tells the key's and not the store's.</remarks>
internal sealed class WriteHistory
{
    private readonly RegisterHistory _history = new();
    private readonly Dictionary<string, long> _held = [];
    private readonly HashSet<long> _doubtful = [];

    /// <summary>What no order explains, a line each.</summary>
    public IReadOnlyList<string> Problems => [.. _history.Operations.GroupBy(operation => operation.Key).SelectMany(key => HistoryCheck.Problems([.. key]))];

    /// <summary>A call begins.</summary>
    public long Begin() => _history.Now();

    /// <summary>It got no answer: it may have been done, or will be.</summary>
    public void Unanswered(string key, long invoked, long value)
    {
        _history.Lost(key, invoked, _held.GetValueOrDefault(key), value);
        _doubtful.Add(value);
    }

    /// <summary>It was told the key's state.</summary>
    public void Answered(string key, long invoked, long value, Versioned? state)
    {
        if (state is { } taken && taken.Value == value && !_doubtful.Contains(value))
        {
            _history.Swap(key, invoked, _held.GetValueOrDefault(key), value, done: true, taken.Revision);
        }
        else
        {
            // Refused; or done, by this call or by one before it that got no answer, and which of them nobody knows.
            if (state?.Value == value)
            {
                _history.Lost(key, invoked, _held.GetValueOrDefault(key), value);
            }

            _history.Read(key, invoked, state?.Value ?? 0, state?.Revision ?? 0);
        }

        _held[key] = state?.Value ?? 0;
    }

    /// <summary>All keys at the end, those that are not there any more as well.</summary>
    public void Ended(long invoked, IReadOnlyDictionary<string, Versioned> all)
    {
        foreach (var key in _held.Keys)
        {
            var state = all.GetValueOrDefault(key);
            _history.Read(key, invoked, state.Value, state.Revision);
        }
    }
}
