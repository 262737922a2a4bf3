namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Says in the shape of fleet.yaml what an Ansible inventory says, so that both are judged alike. Every part keeps its own place.</summary>
/// <param name="roles">The nodes.</param>
/// <param name="variables">Their variables.</param>
/// <param name="reader">What is wrong is said to it.</param>
internal sealed class FleetParts(NodeRoles roles, HostVariables variables, FleetReader reader)
{
    /// <summary>What kubeadm calls a cluster of which nobody has said more.</summary>
    public const string DefaultCluster = "kubernetes";

    public YamlPart Root()
    {
        var values = roles.Nodes.ToDictionary(node => node, variables.Of);
        var settings = roles.ControlPlane.Count == 0 ? new Dictionary<string, YamlPart>() : new FleetSettings([.. roles.ControlPlane.Select(node => values[node])], reader).Read();
        var nodes = new YamlPart.Sequence(roles.Place.Line, roles.Place.Column, [.. roles.Nodes.Select(node => Node(node, values[node]))]) { File = roles.Place.File };
        return Mapping(
            roles.Place,
            ("cluster", settings.GetValueOrDefault("cluster") ?? Text(DefaultCluster, roles.Place)),
            ("nodes", nodes),
            // Without nodes nobody can be asked for settings, and that has an error of its own.
            ("etcd", roles.ControlPlane.Count == 0 ? Mapping(roles.Place, ("version", Text("0.0.0", roles.Place))) : Section("etcd.", settings)),
            ("kubernetes", Section("kubernetes.", settings)));
    }

    private YamlPart.Mapping Section(string prefix, IReadOnlyDictionary<string, YamlPart> settings) =>
        Mapping(roles.Place, [.. settings.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (entry.Key[prefix.Length..], (YamlPart?)entry.Value))]);

    private YamlPart.Mapping Node(InventoryHost host, HostValues values)
    {
        if (values.Variables.TryGetValue("ansible_ssh_host", out var old) && !values.Variables.ContainsKey(AnsibleNames.Address))
        {
            reader.Problem(old.Place, $"found ansible_ssh_host, expected its name of today, {AnsibleNames.Address}", AnsibleNames.Address);
        }

        return Mapping(
            host.Place,
            ("name", Text(host.Name, host.Place)),
            ("address", values.Value(AnsibleNames.Address) ?? Text(host.Name, host.Place)),
            ("leader", roles.IsLeader(host) && !roles.IsWorker(host) ? Text("true", host.Place) with { Plain = true } : null),
            ("role", roles.IsWorker(host) ? Text("worker", host.Place) : null),
            ("agent_port", values.Value(AnsibleNames.Port)));
    }

    private static YamlPart.Scalar Text(string value, TextPlace place) => new(place.Line, place.Column, value, false) { File = place.File };

    private static YamlPart.Mapping Mapping(TextPlace place, params IEnumerable<(string Key, YamlPart? Value)> entries) =>
        new(place.Line, place.Column, [.. entries.Where(entry => entry.Value is not null).Select(entry => (Text(entry.Key, entry.Value!.Place), entry.Value!))]) { File = place.File };
}
