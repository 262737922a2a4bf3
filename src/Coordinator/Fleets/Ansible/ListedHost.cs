namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A host as one line lists it.</summary>
/// <param name="Name">Its name, ranges expanded.</param>
/// <param name="Port">The port after it, which Ansible keeps as <c>ansible_port</c>.</param>
internal sealed record ListedHost(string Name, YamlPart? Port)
{
    /// <summary>Lists it in a group. What is said of it later wins.</summary>
    public void AddTo(InventoryTree tree, InventoryGroup group, TextPlace place, IEnumerable<(string Name, YamlPart Value)> variables)
    {
        var host = tree.Host(Name, place);
        host.Join(group, place);
        if (Port is not null)
        {
            // A port of a host that is known already is forgotten by Ansible; nobody here asks for it.
            host.Variables.TryAdd("ansible_port", Port);
        }

        foreach (var (name, value) in variables)
        {
            host.Variables[name] = value;
        }
    }
}
