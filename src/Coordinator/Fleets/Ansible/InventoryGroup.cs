namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A group of the inventory, filled while the hosts files are read.</summary>
/// <param name="name">As written.</param>
/// <param name="place">Where it came up first.</param>
internal sealed class InventoryGroup(string name, TextPlace place)
{
    public string Name => name;

    public TextPlace Place => place;

    /// <summary>What the hosts files say, not group_vars.</summary>
    public Dictionary<string, YamlPart> Variables { get; } = [];

    public List<InventoryGroup> Parents { get; } = [];

    public List<InventoryGroup> Children { get; } = [];

    /// <summary>Its <c>ansible_group_priority</c>.</summary>
    /// <value>1, as Ansible has it.</value>
    public int Priority { get; set; } = 1;

    public override string ToString() => name;
}
