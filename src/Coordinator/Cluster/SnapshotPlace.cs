using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Cluster;

/// <summary>One copy of a snapshot, and what is known of it there.</summary>
/// <param name="Node">The node that has it; null: a folder of this machine.</param>
/// <param name="Path">On this machine; empty on a node.</param>
/// <param name="Facts">As the agent says, or as they stand beside the file; a problem says why it does not count.</param>
internal sealed record SnapshotPlace(FleetNode? Node, string Path, Snapshot Facts)
{
    public string Where => Node?.Name ?? Path;
}
