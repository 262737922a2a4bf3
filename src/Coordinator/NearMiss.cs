namespace EtcdFleet.Coordinator;

/// <summary>What somebody probably meant to type.</summary>
internal static class NearMiss
{
    /// <summary>The nearest of the known words, or null when none is near: at most a third of the letters may differ.</summary>
    /// <param name="found">As typed.</param>
    /// <param name="known">What would have been right.</param>
    public static string? Of(string found, IEnumerable<string> known)
    {
        var best = known
            .Select(word => (Word: word, Distance: Distance(found, word)))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return best.Word is { } near && best.Distance <= Math.Max(1, Math.Max(found.Length, near.Length) / 3) ? near : null;
    }

    /// <summary>", did you mean 'x'?", or nothing.</summary>
    public static string Hint(string found, IEnumerable<string> known) =>
        Of(found, known) is { } near ? $"; did you mean '{near}'?" : "";

    /// <summary>Damerau's distance without repeated edits, whatever the case: a swapped pair of letters is one mistake, not two.</summary>
    public static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1][];
        for (var i = 0; i <= left.Length; i++)
        {
            rows[i] = new int[right.Length + 1];
            rows[i][0] = i;
        }

        for (var j = 0; j <= right.Length; j++)
        {
            rows[0][j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                var least = Math.Min(Math.Min(rows[i - 1][j] + 1, rows[i][j - 1] + 1), rows[i - 1][j - 1] + cost);
                var swapped = i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]);
                rows[i][j] = swapped ? Math.Min(least, rows[i - 2][j - 2] + 1) : least;
            }
        }

        return rows[left.Length][right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
