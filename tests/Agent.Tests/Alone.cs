namespace EtcdFleet.Agent.Tests;

/// <summary>Tests that touch what the whole process has once: its environment, its signals, its heap. No other test runs beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
