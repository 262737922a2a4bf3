using System.Text.RegularExpressions;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Reads a hosts file in Ansible's INI form into the inventory.</summary>
/// <param name="tree">What is filled.</param>
/// <param name="file">What messages call it.</param>
/// <param name="problem">Called for everything that is wrong; reading goes on with the next line.</param>
internal sealed partial class IniInventory(InventoryTree tree, string file, Action<TextPlace, string> problem)
{
    private const string Hosts = "hosts";
    private const string Children = "children";
    private const string Variables = "vars";

    /// <summary>Groups that are mentioned and have to be declared in this file, or an earlier one.</summary>
    private readonly List<(string Group, InventoryGroup? Parent, TextPlace Place)> _wanted = [];
    private readonly HashSet<string> _declared = [.. tree.Groups.Select(group => group.Name)];

    public void Read(string text)
    {
        var group = tree.Ungrouped;
        var kind = Hosts;
        var number = 0;
        foreach (var raw in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            var line = raw.Trim();
            var place = new TextPlace(file, number, raw.Length - raw.TrimStart().Length + 1);
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            if (line.Contains('\uFFFD'))
            {
                problem(place, "found bytes that are not UTF-8, expected UTF-8 everywhere but in comments");
            }
            else if (line[0] == '[' && (line[^1] == ']' || SectionLine().IsMatch(line) || AlmostSection().IsMatch(line)))
            {
                (group, kind) = Section(line, place) ?? (tree.Ungrouped, "");
            }
            else if (kind == Hosts)
            {
                Host(line, place, group);
            }
            else if (kind == Variables)
            {
                Variable(line, place, group);
            }
            else if (kind == Children)
            {
                Child(line, place, group);
            }
        }

        Declared();
    }

    private (InventoryGroup Group, string Kind)? Section(string line, TextPlace place)
    {
        if (SectionLine().Match(line) is not { Success: true } section)
        {
            problem(place, $"found '{line}', expected [GROUP], [GROUP:children] or [GROUP:vars], without spaces");
            return null;
        }

        var (name, kind) = (section.Groups["name"].Value, section.Groups["kind"].Success ? section.Groups["kind"].Value : Hosts);
        string[] kinds = [Hosts, Children, Variables];
        if (!kinds.Contains(kind))
        {
            problem(place with { Column = place.Column + section.Groups["kind"].Index }, $"found '{kind}', expected {Children} or {Variables}{NearMiss.Hint(kind, kinds)}");
            return null;
        }

        if (kind == Variables)
        {
            _wanted.Add((name, null, place));
        }
        else
        {
            _declared.Add(name);
        }

        return (tree.Group(name, place), kind);
    }

    private void Host(string line, TextPlace place, InventoryGroup group)
    {
        var sound = true;
        var words = IniWord.Split(line, (column, message) =>
        {
            sound = false;
            problem(place with { Column = place.Column + column - 1 }, message);
        });
        if (words.Count == 0 || !sound)
        {
            return;
        }

        var hosts = HostPattern.Expand(words[0].Text, place, problem);
        var variables = new List<(string Name, YamlPart Value)>();
        foreach (var word in words.Skip(1))
        {
            var equals = word.Text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problem(place with { Column = place.Column + word.Columns[0] - 1 }, $"found '{word.Text}', expected NAME=VALUE (a value with spaces has to be quoted)");
                continue;
            }

            variables.Add((word.Text[..equals], IniValue.Read(word.Text[(equals + 1)..], place with { Column = place.Column + word.Columns[equals + 1] - 1 })));
        }

        foreach (var found in hosts)
        {
            found.AddTo(tree, group, place, variables);
        }
    }

    private void Variable(string line, TextPlace place, InventoryGroup group)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            problem(place, $"found '{line}', expected NAME=VALUE");
            return;
        }

        var value = line[(equals + 1)..];
        var at = place with { Column = place.Column + equals + 1 + value.Length - value.TrimStart().Length };
        GroupVariables.Set(group, line[..equals].TrimEnd(), IniValue.Read(value.Trim(), at), problem);
    }

    private void Child(string line, TextPlace place, InventoryGroup group)
    {
        if (ChildLine().Match(line) is { Success: true } child)
        {
            _wanted.Add((child.Groups["name"].Value, group, place));
        }
        else
        {
            problem(place, $"found '{line}', expected the name of a group");
        }
    }

    private void Declared()
    {
        foreach (var (name, parent, place) in _wanted)
        {
            if (!_declared.Contains(name))
            {
                problem(place, $"found the group '{name}', expected a section [{name}] in this file as well{NearMiss.Hint(name, _declared)}");
            }
            else if (parent is not null && !InventoryTree.AddChild(parent, tree.Group(name, place)))
            {
                problem(place, $"found '{name}' below '{parent}', which is below '{name}' itself; expected groups without a circle");
            }
        }
    }

    [GeneratedRegex(@"^\[(?<name>[^:\]\s]+)(?::(?<kind>\w+))?\]\s*(?:#.*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex SectionLine();

    [GeneratedRegex(@"^(?<name>[^:\]\s]+)\s*(?:#.*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ChildLine();

    /// <summary>With something after it. [2001:db8::11]:22 and [1:3]-cp are hosts, though.</summary>
    [GeneratedRegex(@"^\[[^\]\s:]*(?::[A-Za-z]+)?\]\s", RegexOptions.CultureInvariant)]
    private static partial Regex AlmostSection();
}
