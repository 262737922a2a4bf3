using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Tells an Ansible inventory from a fleet.yaml, so that the message names the mistake and not its first symptom.</summary>
internal static partial class AnsibleInventory
{
    /// <summary>What gives it away, or null.</summary>
    public static string? LooksLike(string text) =>
        Section().Match(text) is { Success: true } section ? section.Value.Trim()
        : Groups().Match(text) is { Success: true } groups ? groups.Value.Trim()
        : Variables().Match(text) is { Success: true } variables ? variables.Value.Trim()
        : null;

    [GeneratedRegex(@"^\[[0-9A-Za-z_.:-]+\][ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Section();

    [GeneratedRegex(@"^all:[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Groups();

    [GeneratedRegex(@"\bansible_[a-z_]+(?=\s*[=:])", RegexOptions.CultureInvariant)]
    private static partial Regex Variables();
}
