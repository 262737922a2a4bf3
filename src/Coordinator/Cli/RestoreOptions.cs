using EtcdFleet.Coordinator.Engine;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What a restore is told on the command line.</summary>
/// <param name="Snapshot">A file of this machine, or a snapshot's name.</param>
/// <param name="Run">What the run is told beyond the inventory.</param>
internal sealed record RestoreOptions(string Snapshot, RunOptions Run);
