using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>Finds the nodes that a command line names.</summary>
internal static class FleetNodes
{
    /// <exception cref="CommandFault">It is not in the inventory (2), or is a worker (3, IR-2).</exception>
    public static FleetNode ControlPlane(Fleet fleet, string name)
    {
        var names = fleet.ControlPlane.Select(node => node.Name).ToList();
        return fleet.Nodes.FirstOrDefault(node => node.Name == name) switch
        {
            { Role: NodeRole.ControlPlane } node => node,
            null => throw new CommandFault(ExitCode.Usage, $"found the node '{name}', expected one of the inventory: {string.Join(", ", names)}{NearMiss.Hint(name, names)}"),
            _ => throw new CommandFault(ExitCode.Refused, $"found the worker '{name}', expected a control-plane node: nothing of etcd is ever done on a worker; they are {string.Join(", ", names)}"),
        };
    }
}
