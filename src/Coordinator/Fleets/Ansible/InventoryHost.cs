namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A host of the inventory, filled while the hosts files are read.</summary>
/// <param name="name">As written, which is what <c>inventory_hostname</c> says.</param>
/// <param name="place">Where it came up first.</param>
internal sealed class InventoryHost(string name, TextPlace place)
{
    private readonly List<(InventoryGroup Group, TextPlace Place)> _memberships = [];

    public string Name => name;

    public TextPlace Place => place;

    /// <summary>What the hosts files say, not host_vars.</summary>
    public Dictionary<string, YamlPart> Variables { get; } = [];

    /// <summary>The groups that list it, without those above them.</summary>
    public IEnumerable<InventoryGroup> Groups => _memberships.Select(membership => membership.Group);

    public void Join(InventoryGroup group, TextPlace at)
    {
        if (!Groups.Contains(group))
        {
            _memberships.Add((group, at));
        }
    }

    /// <summary>Where it is listed for a group: in it, or in one below it. Null when it is no member.</summary>
    public TextPlace? PlaceIn(InventoryGroup group)
    {
        foreach (var (member, at) in _memberships)
        {
            if (member == group || InventoryTree.Above(member).Contains(group))
            {
                return at;
            }
        }

        return null;
    }

    public override string ToString() => name;
}
