using System.Collections.Immutable;
using System.Globalization;

namespace EtcdFleet.Faults.Etcd;

/// <summary>Keys and what they hold at one revision.</summary>
internal sealed class KeyValues(ImmutableSortedDictionary<string, long> all)
{
    public static KeyValues None { get; } = new(ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal));

    public int Count => all.Count;

    /// <summary>0: no such key.</summary>
    public long this[string key] => all.GetValueOrDefault(key);

    public IReadOnlyDictionary<string, long> All => all;

    public KeyValues With(string key, long value) => new(all.SetItem(key, value));

    public string Text => string.Join(' ', all.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));

    public static KeyValues Parse(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=')).Aggregate(None, (keys, pair) => keys.With(pair[0], long.Parse(pair[1], CultureInfo.InvariantCulture)));
}
