using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Ends a run's own lease, so that the next run need not wait for it to expire.</summary>
internal sealed class ReleaseLease(NodeLease lease)
{
    public ReleaseLeaseResponse Run(ReleaseLeaseRequest request, LeaseCaller caller)
    {
        LeaseWords.Require("run", request.Run, LeaseWords.LongestRun);
        return new() { Released = lease.Release(request, caller) };
    }
}
