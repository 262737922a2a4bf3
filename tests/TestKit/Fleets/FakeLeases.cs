using EtcdFleet.Agent;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;
using Google.Protobuf;

namespace EtcdFleet.TestKit;

/// <summary>A simulated agent's lease: the real agent's own rules, on a value in memory.</summary>
internal sealed class FakeLeases(FakeFleet fleet, string node) : IJournalFence
{
    private FakeLease Lease => fleet.Leases[node];

    /// <summary>The answer to an rpc of LeaseService; null for any other one.</summary>
    public object? Answer(IMessage request, DateTimeOffset time)
    {
        var now = Lease.At(time);
        return request switch
        {
            GetLeaseRequest => new GetLeaseResponse { Lease = Lease.State.Present(now)?.Message(now), HighestFence = Lease.State.Highest },
            AcquireLeaseRequest acquire => new AcquireLeaseResponse { Lease = Changed(state => state.Acquire(Wanted(acquire, time, now), now), now) },
            RenewLeaseRequest renew => new RenewLeaseResponse { Lease = Changed(state => state.Renew(renew.Run, renew.Fence, now), now) },
            ReleaseLeaseRequest release => new ReleaseLeaseResponse { Released = Ended(state => state.Release(release.Run, release.Fence), now) },
            BreakLeaseRequest broken => new BreakLeaseResponse { Broken = Ended(state => state.Break(broken.Fence, now), now) },
            _ => null,
        };
    }

    public void Admit(Operation operation, DateTimeOffset time) => Judged(() => Lease.State.Admit(operation, atTheNode: false, Lease.At(time)));

    public void AdmitJournal(string run, ulong fence) => Lease.State.AdmitJournal(run, fence, Lease.At(fleet.Now));

    private static HeldLease Wanted(AcquireLeaseRequest request, DateTimeOffset time, BootMoment now) => request is not { Run.Length: > 0, Fence: > 0, TtlMs: >= 1000 and <= 3_600_000 }
        ? throw new AgentFault(FaultReason.InvalidRequest, $"run, fence or ttl_ms is {request}, expected ones that can be") : new()
    {
        Fence = request.Fence, Run = request.Run, Cluster = request.Cluster, Holder = request.Holder, Caller = "etcdfleet://kkg/operator/some-operator/operator", Since = time,
        Ttl = TimeSpan.FromMilliseconds(request.TtlMs), Boot = now.Boot, Expires = now.Elapsed,
    };

    private Lease Changed(Func<LeaseState, LeaseState> change, BootMoment now)
    {
        Judged(() => Lease.State = change(Lease.State));
        return Lease.State.Last!.Message(now);
    }

    private Lease? Ended(Func<LeaseState, LeaseState> change, BootMoment now)
    {
        var before = Lease.State;
        Judged(() => Lease.State = change(before));
        return Lease.State == before ? null : before.Present(now)?.Message(now);
    }

    private static void Judged(Action ask)
    {
        try
        {
            ask();
        }
        catch (AgentFault refused)
        {
            throw AgentRefusal.Of(refused.Reason, refused.Message);
        }
    }
}
