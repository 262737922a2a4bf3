namespace EtcdFleet.Faults.World;

/// <summary>The end of the coordinator: what its code still does after this reaches no agent, and no journal that anybody reads.</summary>
public sealed class CoordinatorDiedException : Exception;
