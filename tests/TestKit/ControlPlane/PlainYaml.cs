using System.Globalization;
using System.Text.RegularExpressions;
using EtcdFleet.Agent.Kube;

namespace EtcdFleet.TestKit;

/// <summary>YAML as Go programs write it: keys sorted, lists at their key's own margin.</summary>
internal static partial class PlainYaml
{
    /// <summary>A map of a document.</summary>
    public static SortedDictionary<string, object?> Map(params (string Key, object? Value)[] items) =>
        new(items.ToDictionary(item => item.Key, item => item.Value, StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>A list of a document.</summary>
    public static List<object?> List(params IEnumerable<object?> items) => [.. items];

    public static object? From(YamlTree? tree) => tree switch
    {
        YamlTree.Mapping map => Map([.. map.Items.Select(item => (item.Key, From(item.Value)))]),
        YamlTree.Sequence list => List(list.Items.Select(From)),
        YamlTree.Scalar { IsNull: false } text => text.Text,
        _ => null,
    };

    public static SortedDictionary<string, object?> Parse(string text) => (SortedDictionary<string, object?>)From(YamlTree.Load(text))!;

    /// <summary>What a strategic patch makes of it: maps are merged, and lists of things with names as well.</summary>
    public static object? Merge(object? before, object? patch) => (before, patch) switch
    {
        (SortedDictionary<string, object?> one, SortedDictionary<string, object?> other) =>
            Map([.. one.Keys.Union(other.Keys).Select(key => (key, other.TryGetValue(key, out var changed) ? Merge(one.GetValueOrDefault(key), changed) : one[key]))]),
        (List<object?> one, List<object?> other) when one.Concat(other).All(item => NameOf(item) is not null) =>
            List([.. one.Select(item => other.Find(changed => NameOf(changed) == NameOf(item)) is { } changed ? Merge(item, changed) : item), .. other.Where(item => one.All(known => NameOf(known) != NameOf(item)))]),
        _ => patch,
    };

    public static string Write(SortedDictionary<string, object?> document) => string.Concat(Lines(document, "", quoted: false));

    private static string? NameOf(object? item) => (item as SortedDictionary<string, object?>)?.GetValueOrDefault("name") as string;

    /// <param name="map">What is written.</param>
    /// <param name="margin">Blanks before each line.</param>
    /// <param name="quoted">Its values are texts, also where they look like numbers.</param>
    private static IEnumerable<string> Lines(SortedDictionary<string, object?> map, string margin, bool quoted)
    {
        foreach (var (key, value) in map)
        {
            switch (value)
            {
                case SortedDictionary<string, object?> { Count: > 0 } inner:
                    yield return $"{margin}{key}:\n";
                    foreach (var line in Lines(inner, $"{margin}  ", key == "extraArgs"))
                    {
                        yield return line;
                    }

                    break;
                case List<object?> { Count: > 0 } list:
                    yield return $"{margin}{key}:\n";
                    foreach (var line in list.SelectMany(item => Item(item, margin)))
                    {
                        yield return line;
                    }

                    break;
                default:
                    yield return $"{margin}{key}: {Scalar(value, quoted || key == "value")}\n";
                    break;
            }
        }
    }

    private static IEnumerable<string> Item(object? item, string margin) => item is SortedDictionary<string, object?> { Count: > 0 } map
        ? Lines(map, $"{margin}  ", quoted: false).Select((line, at) => at == 0 ? $"{margin}- {line[(margin.Length + 2)..]}" : line)
        : [$"{margin}- {Scalar(item, quoted: false)}\n"];

    private static string Scalar(object? value, bool quoted) => value switch
    {
        null => "null",
        SortedDictionary<string, object?> => "{}",
        List<object?> => "[]",
        string text when text.Length == 0 || (quoted && LooksLikeANumber(text)) => $"\"{text}\"",
        string text when "*&!%@`'\"#[]{},?|>-".Contains(text[0]) && !text.StartsWith("--", StringComparison.Ordinal) => $"'{text}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool LooksLikeANumber(string text) => NumberPattern().IsMatch(text);

    [GeneratedRegex(@"^([-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|true|false|null|yes|no|on|off)$", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();
}
