using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Tells an Ansible inventory from a fleet.yaml, and one in YAML from one in INI, by what is in it.</summary>
internal static partial class AnsibleShape
{
    private static readonly string[] Sections = ["hosts", "children"];

    /// <summary>Is the file a part of an Ansible inventory, and no fleet.yaml?</summary>
    public static bool IsIn(string text)
    {
        var sound = true;
        var root = AnsibleYaml.Read(text, "", (_, _) => sound = false);
        if (root is YamlPart.Mapping mapping && sound)
        {
            // A fleet.yaml has neither: its keys are cluster, nodes, etcd and kubernetes.
            return mapping.Entries.Any(entry => entry.Key.Value is "all" or "ungrouped" or "plugin" or "_meta" || AnsibleNames.Groups.Contains(entry.Key.Value)
                || (entry.Value is YamlPart.Mapping group && group.Entries.Any(section => Sections.Contains(section.Key.Value))));
        }

        return text.StartsWith("#!", StringComparison.Ordinal) || Section().IsMatch(text) || Group().IsMatch(text) || Variable().IsMatch(text);
    }

    /// <summary>Is a hosts file YAML (or JSON)? Its name says it, or else its content.</summary>
    public static bool IsYaml(string text, string path)
    {
        if (Path.GetExtension(path) is ".yml" or ".yaml" or ".json")
        {
            return true;
        }

        var sound = true;
        var root = AnsibleYaml.Read(text, "", (_, _) => sound = false);
        return sound ? root is YamlPart.Mapping : Group().IsMatch(text) && !Section().IsMatch(text);
    }

    [GeneratedRegex(@"^\[[^\[\]\s,]+\][ \t]*(?:#.*)?\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Section();

    [GeneratedRegex(@"^(?:all|ungrouped|k8s-cp|k8s-wk):[ \t]*\r?$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Group();

    [GeneratedRegex(@"^[^#;\r\n]*\bansible_[a-z_]+[ \t]*[=:]", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
