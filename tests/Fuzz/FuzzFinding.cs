namespace EtcdFleet.Fuzz;

/// <summary>A property that does not hold for an input.</summary>
internal sealed class FuzzFinding(string message) : Exception(message);
