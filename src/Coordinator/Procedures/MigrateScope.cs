using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Procedures;

/// <summary>How much of flow A a migration does, and in which order.</summary>
internal sealed record MigrateScope
{
    /// <summary>All of it, in the PEP's order.</summary>
    public static MigrateScope All { get; } = new();

    /// <summary>Cut over these nodes alone; empty: all. A later run does the rest, and A4 to A8.</summary>
    public IReadOnlyList<FleetNode> Only { get; init; } = [];

    /// <summary>A1 to A3 alone: etcd moves, kubeadm and the apiservers follow in a later run.</summary>
    public bool EtcdOnly { get; init; }

    public MigrateOrder Order { get; init; } = MigrateOrder.Pep;

    /// <summary>A4 to A8 say how the whole cluster is: they wait until every node is moved.</summary>
    public bool WithKubernetes(Fleet fleet) => !EtcdOnly && (Only.Count == 0 || fleet.ControlPlane.All(Only.Contains));
}

/// <summary>What comes first.</summary>
internal enum MigrateOrder
{
    /// <summary>A1 to A8 as the PEP has them.</summary>
    Pep,

    /// <summary>A4 to A7 before A3: the apiservers have all endpoints before any etcd moves, and so none of them waits for its own (FACTS 15).</summary>
    ApiServerFirst,
}
