using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What a migration is told on the command line.</summary>
/// <param name="Nodes">Control-plane nodes by name; empty: all of them.</param>
/// <param name="Run">What the run is told beyond the inventory.</param>
internal sealed record MigrateOptions(IReadOnlyList<string> Nodes, RunOptions Run)
{
    /// <summary>A1 to A3 alone.</summary>
    public bool EtcdOnly { get; init; }

    public MigrateOrder Order { get; init; } = MigrateOrder.Pep;

    /// <summary>To be typed again, each with a blank in front.</summary>
    public string Typed => string.Concat(
        Nodes.Count > 0 ? $" --node {string.Join(' ', Nodes)}" : "",
        EtcdOnly ? " --etcd-only" : "",
        Order == MigrateOrder.ApiServerFirst ? " --order apiserver-first" : "",
        Run.AcceptDowntime ? " --accept-downtime" : "");
}
