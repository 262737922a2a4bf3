using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Makes a run the one that may change this node.</summary>
internal sealed class AcquireLease(NodeLease lease)
{
    /// <summary>A quarter of what a number has room for: nobody can use the numbers up.</summary>
    private const ulong HighestFence = 1UL << 62;

    private const uint ShortestMs = 1000;

    private const uint LongestMs = 3_600_000;

    public AcquireLeaseResponse Run(AcquireLeaseRequest request, LeaseCaller caller)
    {
        LeaseWords.Require("run", request.Run, LeaseWords.LongestRun);
        LeaseWords.Limit("cluster", request.Cluster, LeaseWords.LongestHolder);
        LeaseWords.Limit("holder", request.Holder, LeaseWords.LongestHolder);
        if (request.Fence is 0 or > HighestFence)
        {
            throw new AgentFault(FaultReason.InvalidRequest, $"fence is {request.Fence}, expected 1 to {HighestFence}");
        }

        return request.TtlMs is >= ShortestMs and <= LongestMs
            ? new() { Lease = lease.Acquire(request, caller) }
            : throw new AgentFault(FaultReason.InvalidRequest, $"ttl_ms is {request.TtlMs}, expected {ShortestMs} to {LongestMs}");
    }
}
