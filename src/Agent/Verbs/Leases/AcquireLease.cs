using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Makes a run the one that may change this node.</summary>
internal sealed class AcquireLease(NodeLease lease)
{
    private const uint ShortestMs = 1000;

    private const uint LongestMs = 3_600_000;

    public AcquireLeaseResponse Run(AcquireLeaseRequest request, LeaseCaller caller)
    {
        LeaseWords.Require("run", request.Run, LeaseWords.LongestRun);
        LeaseWords.Limit("cluster", request.Cluster, LeaseWords.LongestHolder);
        LeaseWords.Limit("holder", request.Holder, LeaseWords.LongestHolder);
        LeaseWords.RequireFence(request.Fence);
        return request.TtlMs is >= ShortestMs and <= LongestMs
            ? new() { Lease = lease.Acquire(request, caller) }
            : throw new AgentFault(FaultReason.InvalidRequest, $"ttl_ms is {request.TtlMs}, expected {ShortestMs} to {LongestMs}");
    }
}
