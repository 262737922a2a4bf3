using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Ends somebody else's lease, for a reason that is kept.</summary>
internal sealed class BreakLease(NodeLease lease)
{
    public BreakLeaseResponse Run(BreakLeaseRequest request, LeaseCaller caller)
    {
        LeaseWords.Limit("run", request.Run, LeaseWords.LongestRun);
        LeaseWords.Require("reason", request.Reason, LeaseWords.LongestReason);
        LeaseWords.RequireFence(request.Fence);
        return new() { Broken = lease.Break(request, caller) };
    }
}
