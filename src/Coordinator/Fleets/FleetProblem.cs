namespace EtcdFleet.Coordinator.Fleets;

/// <summary>One thing that is wrong with an inventory.</summary>
/// <param name="Path">Where, by the inventory's own names: <c>nodes[1].address</c>. Whoever has read the file knows its line.</param>
/// <param name="Message">What was found, what was expected.</param>
internal sealed record FleetProblem(string Path, string Message);
