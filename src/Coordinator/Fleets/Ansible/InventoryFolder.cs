namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The hosts files of a folder that is an inventory.</summary>
internal static class InventoryFolder
{
    private const int DeepestNesting = 8;

    // As Ansible 2.19 has it; before, it passed over .ini as well.
    private static readonly string[] PassedOver = [".pyc", ".pyo", ".swp", ".bak", "~", ".rpm", ".md", ".txt", ".rst", ".orig", ".cfg", ".retry"];

    /// <summary>In Ansible's order, which is that of their names, as paths below the folder.</summary>
    public static IReadOnlyList<string> Files(string folder, string name, Action<TextPlace, string> problem) => Below(folder, "", name, 0, problem);

    private static List<string> Below(string folder, string below, string name, int depth, Action<TextPlace, string> problem)
    {
        var found = new List<string>();
        if (depth > DeepestNesting)
        {
            problem(new(Path.Combine(name, below), 1, 1), $"found folders nested deeper than {DeepestNesting}, expected fewer");
            return found;
        }

        foreach (var entry in Listed(Path.Combine(folder, below), Path.Combine(name, below), problem))
        {
            var path = Path.Combine(below, entry);
            if (entry.StartsWith('.') || entry is "group_vars" or "host_vars" or "vars_plugins" || PassedOver.Any(ending => entry.EndsWith(ending, StringComparison.Ordinal)))
            {
                continue;
            }

            found.AddRange(Directory.Exists(Path.Combine(folder, path)) ? Below(folder, path, name, depth + 1, problem) : [path]);
        }

        return found;
    }

    private static IReadOnlyList<string> Listed(string folder, string name, Action<TextPlace, string> problem)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem(new(name, 1, 1), $"found a folder that cannot be read ({error.Message}), expected an inventory");
            return [];
        }
    }
}
