using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Lets the present lease last its time from now on; never one that has expired.</summary>
internal sealed class RenewLease(NodeLease lease)
{
    public RenewLeaseResponse Run(RenewLeaseRequest request, LeaseCaller caller)
    {
        LeaseWords.Require("run", request.Run, LeaseWords.LongestRun);
        return new() { Lease = lease.Renew(request, caller) };
    }
}
