namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Reads a user's own Ansible inventory, as it is. What is read of it, and what is not, is written down in docs/ansible-inventory.md.</summary>
/// <param name="Hosts">Groups and hosts.</param>
/// <param name="Variables">What is said of them.</param>
internal sealed record AnsibleInventory(InventoryTree Hosts, HostVariables Variables)
{
    /// <summary>Reads an inventory and makes a fleet of it.</summary>
    /// <param name="path">A hosts file, or a folder with hosts files. group_vars and host_vars are beside the file, or in the folder.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FleetFileException">It has errors: all of them at once.</exception>
    public static Fleet Read(string path, string name)
    {
        var reader = new FleetReader(AnsibleNames.Instance);
        var inventory = Load(path, name, (place, message) => reader.Problem(place, message));
        var roles = new NodeRoles(inventory.Hosts);
        roles.Judge((place, message) => reader.Problem(place, message));
        var fleet = FleetBuilder.Build(reader, new FleetParts(roles, inventory.Variables, reader).Root());
        return reader.Failed ? throw new FleetFileException([.. reader.Errors.Select(error => $"{error.Place}: {error.Message}")]) : fleet;
    }

    /// <summary>Reads the hosts files; those of variables are read when they are asked for.</summary>
    /// <param name="path">As for <see cref="Read"/>.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="problem">Called for everything that is wrong, also later.</param>
    public static AnsibleInventory Load(string path, string name, Action<TextPlace, string> problem)
    {
        var isFolder = Directory.Exists(path);
        var (folder, shown) = isFolder ? (path, name) : (Path.GetDirectoryName(path) ?? "", Path.GetDirectoryName(name) ?? "");
        var tree = new InventoryTree(new(name, 1, 1));
        var files = isFolder ? InventoryFolder.Files(path, name, problem) : [Path.GetFileName(path)];
        if (files.Count == 0)
        {
            problem(new(name, 1, 1), "found a folder without hosts files, expected an Ansible inventory or a fleet.yaml");
        }

        foreach (var file in files)
        {
            ReadHosts(tree, Path.Combine(folder, file), isFolder ? Path.Combine(name, file) : name, problem);
        }

        return new(tree, new(tree, new(folder, shown, problem)));
    }

    private static void ReadHosts(InventoryTree tree, string path, string name, Action<TextPlace, string> problem)
    {
        var place = new TextPlace(name, 1, 1);
        if (InventoryText.Read(path, place, problem) is not { } text)
        {
            return;
        }

        if (text.StartsWith("#!", StringComparison.Ordinal))
        {
            problem(place, "found a program, expected hosts; write down what it finds: ansible-inventory -i THIS --list --yaml > hosts.yaml");
        }
        else if (text.StartsWith("$ANSIBLE_VAULT;", StringComparison.Ordinal))
        {
            problem(place, "found a file that Ansible Vault has encrypted, expected hosts");
        }
        else if (!AnsibleShape.IsYaml(text, path))
        {
            new IniInventory(tree, name, problem).Read(text);
        }
        else if (AnsibleYaml.Read(text, name, problem) is { } root and not YamlPart.Scalar { IsNull: true })
        {
            new YamlInventory(tree, problem).Read(root);
        }
    }
}
