namespace EtcdFleet.TestKit;

/// <summary>Whether a history can be that of an etcd that lost nothing: every key is a linearizable register, and revisions never go backwards.</summary>
/// <remarks>
/// The search is Wing and Gong's, with Lowe's memory of what was tried: at each point the earliest call that may have come next is tried, with
/// its effect. A call without an answer may take effect at any time after it, or never. Keys are independent, so each is searched by itself.
/// </remarks>
internal static class HistoryCheck
{
    /// <summary>What is wrong, a line each; nothing when the history is sound.</summary>
    public static IReadOnlyList<string> Problems(IReadOnlyList<RegisterOperation> history) => [.. Backwards(history), .. Registers(history, new Dictionary<string, long>())];

    /// <summary>Every key by itself.</summary>
    /// <param name="history">What was called and answered.</param>
    /// <param name="begun">What the keys held before it; one that is not there held 0.</param>
    public static IEnumerable<string> Registers(IReadOnlyList<RegisterOperation> history, IReadOnlyDictionary<string, long> begun) =>
        history.GroupBy(operation => operation.Key).Select(key => Unexplained([.. key.OrderBy(operation => operation.Invoked)], begun.GetValueOrDefault(key.Key))).OfType<string>();

    /// <summary>An answer never has a lower revision than one that had come before it was asked for; two writes never have the same.</summary>
    public static IEnumerable<string> Backwards(IReadOnlyList<RegisterOperation> history)
    {
        var answered = history.Where(operation => operation.Outcome != RegisterOutcome.Unknown).ToList();
        var returned = answered.OrderBy(operation => operation.Returned).ToList();
        var (at, newest) = (0, (RegisterOperation?)null);
        foreach (var operation in answered.OrderBy(operation => operation.Invoked))
        {
            for (; at < returned.Count && returned[at].Returned < operation.Invoked; at++)
            {
                newest = newest is null || returned[at].Revision > newest.Revision ? returned[at] : newest;
            }

            if (newest is not null && (operation.Revision < newest.Revision || (operation.Revision == newest.Revision && IsWrite(operation))))
            {
                yield return $"revision {operation.Revision} after {newest.Revision}: {operation}, after {newest}";
            }
        }

        foreach (var twice in answered.Where(IsWrite).GroupBy(operation => operation.Revision).Where(group => group.Count() > 1))
        {
            yield return $"revision {twice.Key} was given to {twice.Count()} writes: {string.Join("; ", twice)}";
        }
    }

    private static bool IsWrite(RegisterOperation operation) => operation is { Expected: not null, Outcome: RegisterOutcome.Done };

    /// <summary>Why no order of one key's calls explains their answers; null when one does.</summary>
    private static string? Unexplained(RegisterOperation[] calls, long begun)
    {
        var (taken, tried, path) = (new bool[calls.Length], new HashSet<string>(StringComparer.Ordinal), new Stack<(int Call, long Before)>());
        var (state, first, deepest, stuck) = (begun, 0, -1, "");
        while (true)
        {
            var next = Next(calls, taken, first, state);
            if (next < 0 && calls.Select((call, i) => taken[i] || call.Outcome == RegisterOutcome.Unknown).All(settled => settled))
            {
                return null;
            }

            if (next >= 0)
            {
                taken[next] = true;
                var after = Effect(calls[next], state);
                if (tried.Add($"{after}:{string.Concat(taken.Select(bit => bit ? '1' : '0'))}"))
                {
                    path.Push((next, state));
                    (state, first) = (after, 0);
                    continue;
                }

                taken[next] = false;
                first = next + 1;
                continue;
            }

            if (path.Count > deepest)
            {
                (deepest, stuck) = (path.Count, $"{calls[0].Key} held {state} after {path.Count} of {calls.Length} calls, and no order explains {Left(calls, taken)}");
            }

            if (!path.TryPop(out var last))
            {
                return stuck;
            }

            taken[last.Call] = false;
            (state, first) = (last.Before, last.Call + 1);
        }
    }

    /// <summary>The next call that may have come now: it was called before any answer that is still outstanding, and its answer fits; -1 when there is none.</summary>
    private static int Next(RegisterOperation[] calls, bool[] taken, int from, long state)
    {
        var limit = long.MaxValue;
        for (var i = 0; i < calls.Length && calls[i].Invoked < limit; i++)
        {
            limit = taken[i] ? limit : Math.Min(limit, calls[i].Returned);
        }

        for (var i = from; i < calls.Length && calls[i].Invoked < limit; i++)
        {
            if (!taken[i] && Fits(calls[i], state))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Fits(RegisterOperation call, long state) => (call.Expected, call.Outcome) switch
    {
        (null, _) => call.Value == state,
        (_, RegisterOutcome.Refused) => call.Expected != state,
        _ => call.Expected == state, // one without an answer that finds something else has no effect, and need not be placed
    };

    private static long Effect(RegisterOperation call, long state) => call is { Expected: not null, Outcome: not RegisterOutcome.Refused } ? call.Value : state;

    private static string Left(RegisterOperation[] calls, bool[] taken) =>
        string.Join("; ", calls.Where((call, i) => !taken[i] && call.Outcome != RegisterOutcome.Unknown).Take(3));
}
