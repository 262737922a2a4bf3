using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Leases;
using Grpc.Core;

namespace EtcdFleet.Agent.Endpoints;

/// <remarks>Not by way of <see cref="Operations.VerbRunner"/>: leases are renewed while a verb has the node's lock.</remarks>
internal sealed class LeaseEndpoint(AcquireLease acquire, RenewLease renew, ReleaseLease release, GetLease get, BreakLease breaking, Reserve reserve) : LeaseService.LeaseServiceBase
{
    public override Task<AcquireLeaseResponse> AcquireLease(AcquireLeaseRequest request, ServerCallContext context) => Task.FromResult(Kept(() => acquire.Run(request, By(context))));

    public override Task<RenewLeaseResponse> RenewLease(RenewLeaseRequest request, ServerCallContext context) => Task.FromResult(Kept(() => renew.Run(request, By(context))));

    public override Task<ReleaseLeaseResponse> ReleaseLease(ReleaseLeaseRequest request, ServerCallContext context) => Task.FromResult(Kept(() => release.Run(request, By(context))));

    public override Task<GetLeaseResponse> GetLease(GetLeaseRequest request, ServerCallContext context) => Task.FromResult(get.Run());

    public override Task<BreakLeaseResponse> BreakLease(BreakLeaseRequest request, ServerCallContext context) => Task.FromResult(Kept(() => breaking.Run(request, By(context))));

    /// <summary>A run that loses its lease because a disk is full could not take back what it has begun.</summary>
    private T Kept<T>(Func<T> ask)
    {
        using var room = reserve.Open();
        return ask();
    }

    private static LeaseCaller By(ServerCallContext context)
    {
        var caller = Caller.Of(context);
        return new(caller.Name, caller.From, context.Method);
    }
}
