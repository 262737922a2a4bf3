namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Which of a variable's values wins for a host: Ansible's order, without what playbooks and roles add.</summary>
/// <param name="tree">Groups and hosts.</param>
/// <param name="files">group_vars and host_vars.</param>
internal sealed class HostVariables(InventoryTree tree, VariableFiles files)
{
    public HostValues Of(InventoryHost host)
    {
        var groups = tree.GroupsOf(host);
        var winners = new Dictionary<string, YamlPart>();
        // As vars/manager.py has it: also group_vars/all wins over what a hosts file says of a single group.
        IReadOnlyDictionary<string, YamlPart>[] order =
        [
            tree.All.Variables,
            .. groups.Select(group => group.Variables),
            files.OfGroup(tree.All.Name),
            .. groups.Select(group => files.OfGroup(group.Name)),
            host.Variables,
            files.OfHost(host.Name),
            Own(host),
        ];
        foreach (var (name, value) in order.SelectMany(source => source))
        {
            winners[name] = value;
        }

        return new(host.Name, winners, files.Encrypted);
    }

    // Ansible's own names for a host; nobody can give them another value.
    private static Dictionary<string, YamlPart> Own(InventoryHost host)
    {
        YamlPart Text(string value) => new YamlPart.Scalar(host.Place.Line, host.Place.Column, value, false) { File = host.Place.File };
        return new() { ["inventory_hostname"] = Text(host.Name), ["inventory_hostname_short"] = Text(host.Name.Split('.')[0]) };
    }
}
