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
    public static readonly Histogram<double> Verbs = Meter.CreateHistogram<double>("etcdfleet_verb_duration", "s", "Time of mutating verbs");

    /// <summary>Calls and connections turned away, by reason.</summary>
    public static readonly Counter<long> Denied = Meter.CreateCounter<long>("etcdfleet_denied", description: "Calls and connections turned away");
}
