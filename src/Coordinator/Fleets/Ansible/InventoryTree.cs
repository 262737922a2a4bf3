namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>The inventory's groups and hosts, whatever files they came from.</summary>
internal sealed class InventoryTree
{
    private readonly Dictionary<string, InventoryGroup> _groups = [];
    private readonly Dictionary<string, InventoryHost> _hosts = [];
    private readonly List<InventoryHost> _order = [];

    public InventoryTree(TextPlace place)
    {
        All = Group("all", place);
        Ungrouped = Group("ungrouped", place);
        _ = AddChild(All, Ungrouped);
    }

    public InventoryGroup All { get; }

    public InventoryGroup Ungrouped { get; }

    /// <summary>In the order in which they came up.</summary>
    public IReadOnlyList<InventoryHost> Hosts => _order;

    public IEnumerable<InventoryGroup> Groups => _groups.Values;

    public InventoryGroup? Find(string name) => _groups.GetValueOrDefault(name);

    public InventoryGroup Group(string name, TextPlace place)
    {
        if (!_groups.TryGetValue(name, out var group))
        {
            _groups[name] = group = new(name, place);
        }

        return group;
    }

    public InventoryHost Host(string name, TextPlace place)
    {
        if (!_hosts.TryGetValue(name, out var host))
        {
            _hosts[name] = host = new(name, place);
            _order.Add(host);
        }

        return host;
    }

    /// <summary>False: the parent is, by whatever way, the child's own child.</summary>
    public static bool AddChild(InventoryGroup parent, InventoryGroup child)
    {
        if (parent == child || Above(parent).Contains(child))
        {
            return false;
        }

        if (!parent.Children.Contains(child))
        {
            parent.Children.Add(child);
            child.Parents.Add(parent);
        }

        return true;
    }

    /// <summary>The hosts of a group and of all below it, in the inventory's order. None when there is no such group.</summary>
    public IReadOnlyList<InventoryHost> Members(string group) =>
        Find(group) is { } found ? [.. _order.Where(host => host.PlaceIn(found) is not null)] : [];

    /// <summary>A host's groups but 'all', in the order in which their variables win: the last one most.</summary>
    public IReadOnlyList<InventoryGroup> GroupsOf(InventoryHost host)
    {
        var groups = host.Groups.Concat(host.Groups.SelectMany(Above)).Distinct().Where(group => group != All && group != Ungrouped).ToList();
        if (groups.Count == 0)
        {
            // Wherever it was listed: 'ungrouped' is for hosts of no other group, and for all of them.
            return [Ungrouped];
        }

        var depths = Depths();
        return [.. groups.OrderBy(group => depths[group]).ThenBy(group => group.Priority).ThenBy(group => group.Name, StringComparer.Ordinal)];
    }

    /// <summary>All groups above one, near or far.</summary>
    public static IReadOnlySet<InventoryGroup> Above(InventoryGroup group)
    {
        var found = new HashSet<InventoryGroup>();
        var open = new Stack<InventoryGroup>(group.Parents);
        while (open.TryPop(out var next))
        {
            if (found.Add(next))
            {
                next.Parents.ForEach(open.Push);
            }
        }

        return found;
    }

    // The longest way down from 'all', below which Ansible puts every group that has no other parent.
    private Dictionary<InventoryGroup, int> Depths()
    {
        var depths = _groups.Values.ToDictionary(group => group, group => group == All ? 0 : 1);
        var missing = _groups.Values.ToDictionary(group => group, group => group.Parents.Count);
        var ready = new Queue<InventoryGroup>(_groups.Values.Where(group => group.Parents.Count == 0));
        while (ready.TryDequeue(out var group))
        {
            foreach (var child in group.Children)
            {
                depths[child] = Math.Max(depths[child], depths[group] + 1);
                if (--missing[child] == 0)
                {
                    ready.Enqueue(child);
                }
            }
        }

        return depths;
    }
}
