namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Reads a hosts file in YAML (or JSON) into the inventory: groups with hosts, children and vars.</summary>
/// <param name="tree">What is filled.</param>
/// <param name="problem">Called for everything that is wrong; reading goes on with the next entry.</param>
internal sealed class YamlInventory(InventoryTree tree, Action<TextPlace, string> problem)
{
    private static readonly string[] Keys = ["hosts", "children", "vars"];

    public void Read(YamlPart root)
    {
        if (root is not YamlPart.Mapping mapping)
        {
            problem(root.Place, $"found {root.Kind}, expected a mapping of groups");
        }
        else if (mapping.Entries.FirstOrDefault(entry => entry.Key.Value == "plugin") is { Key: { } plugin })
        {
            problem(plugin.Place, "found the configuration of an inventory plugin, expected hosts; write down what it finds: ansible-inventory -i THIS --list --yaml > hosts.yaml");
        }
        else if (mapping.Entries.FirstOrDefault(entry => entry.Key.Value == "_meta") is { Key: { } meta })
        {
            problem(meta.Place, "found what an inventory script prints, expected a hosts file; ansible-inventory --list --yaml writes one");
        }
        else
        {
            foreach (var (name, value) in mapping.Entries)
            {
                Group(name, value, null);
            }
        }
    }

    private void Group(YamlPart.Scalar name, YamlPart value, InventoryGroup? parent)
    {
        var group = tree.Group(name.Value, name.Place);
        if (parent is not null && !InventoryTree.AddChild(parent, group))
        {
            problem(name.Place, $"found '{name.Value}' below '{parent}', which is below '{name.Value}' itself; expected groups without a circle");
            return;
        }

        foreach (var (key, part) in Entries(value, $"the group '{name.Value}'", "a mapping with hosts, children or vars"))
        {
            switch (key.Value)
            {
                case "hosts":
                    foreach (var (pattern, variables) in Entries(part, $"the hosts of '{name.Value}'", "a mapping, each host with a colon after it"))
                    {
                        Host(pattern, variables, group);
                    }

                    break;
                case "children":
                    foreach (var (child, below) in Entries(part, $"the children of '{name.Value}'", "a mapping, each group with a colon after it"))
                    {
                        Group(child, below, group);
                    }

                    break;
                case "vars":
                    foreach (var (variable, what) in Entries(part, $"the vars of '{name.Value}'", "a mapping"))
                    {
                        GroupVariables.Set(group, variable.Value, what, problem);
                    }

                    break;
                default:
                    problem(key.Place, $"found the unknown key '{key.Value}' in the group '{name.Value}', expected hosts, children or vars{NearMiss.Hint(key.Value, Keys)}");
                    break;
            }
        }
    }

    private void Host(YamlPart.Scalar pattern, YamlPart value, InventoryGroup group)
    {
        var variables = Entries(value, $"the host '{pattern.Value}'", "a mapping of variables").Select(entry => (entry.Key.Value, entry.Value)).ToList();
        foreach (var host in HostPattern.Expand(pattern.Value, pattern.Place, problem))
        {
            host.AddTo(tree, group, pattern.Place, variables);
        }
    }

    // One word alone stands for a mapping with that key and nothing below it.
    private IReadOnlyList<(YamlPart.Scalar Key, YamlPart Value)> Entries(YamlPart part, string whose, string expected)
    {
        switch (part)
        {
            case YamlPart.Mapping mapping:
                return mapping.Entries;
            case YamlPart.Scalar { IsNull: true }:
                return [];
            case YamlPart.Scalar word when expected.Contains("colon", StringComparison.Ordinal) && !word.Value.Contains(' '):
                return [(word, new YamlPart.Scalar(word.Line, word.Column, "", true) { File = word.File })];
            default:
                problem(part.Place, $"found {part.Kind} for {whose}, expected {expected}");
                return [];
        }
    }
}
