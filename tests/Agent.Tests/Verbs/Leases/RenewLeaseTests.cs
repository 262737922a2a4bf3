using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Verbs.Leases;

public sealed class RenewLeaseTests : LeaseFixture
{
    [Fact]
    public async Task Renew_ThePresentLease_LastsItsTimeFromNowOn_AndIsCounted()
    {
        await Acquire("run-a", 1);
        Pass(29);

        var lease = (await Renew("run-a", 1)).Lease;
        Pass(29);

        Assert.Equal((Ttl, 1UL), (lease.RemainingMs, lease.Renewals));
        Assert.Equal(1000u, (await LookAsync()).Lease.RemainingMs);
        Assert.Equal(["granted run-a"], Audited); // renewals would fill it
    }

    /// <summary>Nobody else had it meanwhile, and that makes no difference: who asks late cannot know.</summary>
    [Fact]
    public async Task Renew_AnExpiredLease_NeverRevivesIt()
    {
        await Acquire("run-a", 1);
        Pass(30);

        var (code, reason, text) = await RefusalAsync(Renew("run-a", 1));

        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.LeaseLost), (code, reason));
        Assert.Equal("run run-a has no lease with fence 1 on this node: it has expired, was ended, or the node has been restarted since. Nothing was changed", text);
        Assert.Null((await LookAsync()).Lease);
        Assert.Equal(["granted run-a", "LeaseLost run-a"], Audited);
    }

    [Fact]
    public async Task Renew_AfterAnotherRunHasTakenOver_IsFenced_AndNamesIt()
    {
        await Acquire("run-a", 1);
        Pass(30);
        await Acquire("run-b", 2);

        var (_, reason, text) = await RefusalAsync(Renew("run-a", 1));

        Assert.Equal(FaultReason.Fenced, reason);
        Assert.StartsWith("fence 1 of run run-a is an older one, expected 2: run run-b (the test of run-b) has this node's lease since ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run-b", 1UL, FaultReason.LeaseHeld)] // as after two runs that asked at once
    [InlineData("run-a", 0UL, FaultReason.LeaseLost)]
    [InlineData("run-a", 2UL, FaultReason.LeaseLost)] // this agent was not there when the fence was raised
    public async Task Renew_AnythingElseThanThePresentLease_IsRefused(string run, ulong fence, FaultReason reason)
    {
        await Acquire("run-a", 1);

        Assert.Equal(reason, (await RefusalAsync(Renew(run, fence))).Reason);
        Assert.Equal(0UL, (await LookAsync()).Lease.Renewals);
    }

    [Fact]
    public async Task Renew_WhileAVerbIsAtWork_IsAnswered()
    {
        await Acquire("run-a", 1);
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash("operation-1", "run-a", 1);
        await verb.Reached.WaitAsync(Cancel);

        Assert.Equal(1UL, (await Renew("run-a", 1)).Lease.Renewals);

        verb.Release();
        await call;
    }
}
