using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Verbs.Leases;

/// <summary>Says who may change this node, and the number that the next one has to be above.</summary>
internal sealed class GetLease(NodeLease lease)
{
    public GetLeaseResponse Run()
    {
        var (present, highest, now) = lease.Look();
        return new() { Lease = present?.Message(now), HighestFence = highest };
    }
}
