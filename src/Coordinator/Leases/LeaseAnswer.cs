using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Fleets;

namespace EtcdFleet.Coordinator.Leases;

/// <summary>One agent's answer about its lease.</summary>
/// <param name="Node">Whose agent.</param>
/// <param name="Lease">The lease that it speaks of; null where it has none, or gave no good answer.</param>
/// <param name="Highest">The highest fence that it has seen, where it was asked for that.</param>
/// <param name="Problem">Its refusal, or why there is no answer; null when it is good.</param>
internal sealed record LeaseAnswer(FleetNode Node, Lease? Lease, ulong Highest, AgentCallException? Problem)
{
    public bool Good => Problem is null;

    /// <summary>The agent has judged, and said no: asking once more with the same fence is of no use.</summary>
    public bool Denied => Problem?.Reason is FaultReason.LeaseHeld or FaultReason.LeaseLost or FaultReason.Fenced;

    /// <summary>"run R (ann on ops), since 03:00:12Z, for 21 s more unless it renews".</summary>
    public static string Words(Lease lease) => FormattableString.Invariant(
        $"run {lease.Run} ({(lease.Holder.Length > 0 ? lease.Holder : lease.Caller)}), since {lease.Since.ToDateTime():yyyy-MM-dd HH:mm:ss}Z, for {Math.Ceiling(lease.RemainingMs / 1000.0)} s more unless it is renewed");
}
