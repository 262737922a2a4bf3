using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.TestKit;

/// <summary>Fleets as tests need them: cp1 to cpN, the first one the leader node.</summary>
internal static class Inventory
{
    public const string EtcdVersion = "3.6.6";

    public static Fleet Of(int nodes, int workers = 0) => new()
    {
        Cluster = "kkg",
        Nodes =
        [
            .. Enumerable.Range(1, nodes).Select(i => new FleetNode { Name = $"cp{i}", Address = $"10.66.0.{10 + i}", IsLeader = i == 1 }),
            .. Enumerable.Range(1, workers).Select(i => new FleetNode { Name = $"wk{i}", Address = $"10.66.0.{100 + i}", Role = NodeRole.Worker }),
        ],
        Etcd = new() { Version = EtcdVersion },
    };
}
