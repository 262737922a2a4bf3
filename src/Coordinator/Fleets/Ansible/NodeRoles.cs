namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Which of the inventory's hosts are nodes, and what for: their groups say it.</summary>
internal sealed class NodeRoles
{
    private readonly InventoryTree _tree;
    private readonly HashSet<InventoryHost> _controlPlane;
    private readonly HashSet<InventoryHost> _leaders;
    private readonly HashSet<InventoryHost> _workers;

    public NodeRoles(InventoryTree tree)
    {
        _tree = tree;
        _leaders = [.. tree.Members(AnsibleNames.Leader)];
        _workers = [.. tree.Members(AnsibleNames.Worker)];
        // The two groups make it a control-plane node also where nobody has put them below k8s-cp.
        _controlPlane = [.. tree.Members(AnsibleNames.ControlPlane), .. _leaders, .. tree.Members(AnsibleNames.Follower)];
        Nodes = [.. tree.Hosts.Where(host => _controlPlane.Contains(host) || _workers.Contains(host))];
        ControlPlane = [.. tree.Hosts.Where(_controlPlane.Contains)];
    }

    /// <summary>In the inventory's order. Other hosts are nobody's business here.</summary>
    public IReadOnlyList<InventoryHost> Nodes { get; }

    /// <summary>In the inventory's order.</summary>
    public IReadOnlyList<InventoryHost> ControlPlane { get; }

    public bool IsLeader(InventoryHost host) => _leaders.Contains(host);

    public bool IsWorker(InventoryHost host) => _workers.Contains(host) && !_controlPlane.Contains(host);

    /// <summary>Where the nodes are listed, for what concerns all of them.</summary>
    public TextPlace Place => AnsibleNames.Groups.Select(_tree.Find).FirstOrDefault(group => group is not null)?.Place ?? _tree.All.Place;

    /// <summary>What the groups say against each other.</summary>
    public void Judge(Action<TextPlace, string> problem)
    {
        foreach (var host in Nodes)
        {
            if (_tree.Find(host.Name) is { } twin)
            {
                // Ansible gives such a host's variables to the group.
                problem(twin.Place, $"found a group named as the host '{host}' ({host.Place}), expected different names");
            }

            if (_workers.Contains(host) && _controlPlane.Contains(host))
            {
                Both(host, AnsibleNames.Groups.Where(name => name != AnsibleNames.Worker).First(name => PlaceIn(host, name) is not null), AnsibleNames.Worker, problem);
            }

            if (_leaders.Contains(host) && PlaceIn(host, AnsibleNames.Follower) is not null)
            {
                Both(host, AnsibleNames.Leader, AnsibleNames.Follower, problem);
            }
        }

        foreach (var group in _tree.Groups.Where(group => !AnsibleNames.Groups.Contains(group.Name) && _tree.Members(group.Name).Any(host => !_controlPlane.Contains(host) && !_workers.Contains(host))))
        {
            // A whole word may differ on purpose (k8s-db); one letter, or '_' instead of '-', hardly.
            if (AnsibleNames.Groups.FirstOrDefault(known => NearMiss.Distance(known, group.Name.Replace('_', '-')) <= 1) is { } near)
            {
                problem(group.Place, $"found the group '{group}' with hosts that are no nodes, expected one of {string.Join(", ", AnsibleNames.Groups)}, or a name less like them; did you mean '{near}'?");
            }
        }
    }

    private void Both(InventoryHost host, string one, string other, Action<TextPlace, string> problem) =>
        problem(PlaceIn(host, other)!.Value, $"found '{host}' in {other} and in {one} ({PlaceIn(host, one)}), expected it in one of the two");

    private TextPlace? PlaceIn(InventoryHost host, string group) => _tree.Find(group) is { } found ? host.PlaceIn(found) : null;
}
