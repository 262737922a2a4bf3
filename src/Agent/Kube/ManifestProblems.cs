namespace EtcdFleet.Agent.Kube;

/// <summary>Problems of a manifest in a length that a person can read, whatever the manifest has: they go into faults, reports and journals.</summary>
internal static class ManifestProblems
{
    private const int Longest = 1000;
    private const int Most = 50;

    /// <summary>A line each, every one once.</summary>
    public static string Text(IEnumerable<string> problems)
    {
        var all = problems.Distinct().ToList();
        return string.Join('\n', [.. all.Take(Most).Select(Short), .. all.Count > Most ? [$"and {all.Count - Most} more"] : Array.Empty<string>()]);
    }

    /// <summary>Its beginning and its end: what was found stands in front, and what to do behind.</summary>
    public static string Short(string problem) => problem.Length <= Longest ? problem : $"{problem[..(Longest / 2)]} … {problem[^(Longest / 2)..]}";
}
