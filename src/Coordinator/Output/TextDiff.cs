using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;

namespace EtcdFleet.Coordinator.Output;

/// <summary>Two texts as a diff for people: what goes, what comes, and a little around it.</summary>
internal static class TextDiff
{
    private const int Around = 3;

    /// <summary>Lines with '-', '+' or ' ' in front; "…" where lines that are the same were left out. Empty when the texts are equal.</summary>
    public static IReadOnlyList<string> Lines(string before, string after)
    {
        var all = InlineDiffBuilder.Diff(before, after, ignoreWhiteSpace: false).Lines;
        var changed = all.Select((line, i) => (line.Type, At: i)).Where(line => line.Type != ChangeType.Unchanged).Select(line => line.At).ToList();
        if (changed.Count == 0)
        {
            return [];
        }

        var shown = new List<string>();
        var last = -1;
        foreach (var at in Enumerable.Range(0, all.Count).Where(at => changed.Exists(change => Math.Abs(change - at) <= Around)))
        {
            if (at > last + 1)
            {
                shown.Add("…");
            }

            shown.Add($"{Sign(all[at].Type)}{all[at].Text}");
            last = at;
        }

        if (last < all.Count - 1)
        {
            shown.Add("…");
        }

        return shown;
    }

    private static char Sign(ChangeType type) => type switch
    {
        ChangeType.Inserted => '+',
        ChangeType.Deleted => '-',
        _ => ' ',
    };
}
