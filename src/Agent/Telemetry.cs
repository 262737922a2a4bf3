using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EtcdFleet.Agent;

/// <summary>The agent's one source of spans and its one meter.</summary>
internal static class Telemetry
{
    public const string Name = "etcdfleet.agent";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>Seconds a mutating verb took, by rpc and outcome.</summary>
    /// <remarks>With boundaries of its own: the usual ones are for milliseconds, and would have every verb in the first.</remarks>
    public static readonly Histogram<double> Verbs = Meter.CreateHistogram("etcdfleet_verb_duration", "s", "Time of mutating verbs", tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] });

    /// <summary>Turns of the snapshot schedule that came to nothing.</summary>
    public static readonly Counter<long> SnapshotFailures = Meter.CreateCounter<long>("etcdfleet_snapshot_failures", description: "Scheduled snapshots that failed, were left out, or could not be verified");

    /// <summary>Calls and connections turned away, by reason.</summary>
    public static readonly Counter<long> Denied = Meter.CreateCounter<long>("etcdfleet_denied", description: "Calls and connections turned away");
}
