using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Verbs.Leases;

public sealed class ReleaseLeaseTests : LeaseFixture
{
    [Theory]
    [InlineData(3UL)]
    [InlineData(4UL)] // the run has asked for a higher one that this agent did not get
    public async Task Release_TheRunsOwn_EndsIt_AndTheNextOneNeedNotWait(ulong fence)
    {
        await Acquire("run-a", 3);

        Assert.Equal(3UL, (await Release("run-a", fence)).Released.Fence);

        Assert.Equal((null, 3UL), (await LookAsync()) is var look ? (look.Lease, look.HighestFence) : default);
        Assert.Equal("run-b", (await Acquire("run-b", 4)).Lease.Run);
        Assert.Equal(["granted run-a", "released run-a", "granted run-b"], Audited);
    }

    [Fact]
    public async Task Release_Twice_IsNothingTheSecondTime()
    {
        await Acquire("run-a", 1);
        await Release("run-a", 1);

        Assert.Null((await Release("run-a", 1)).Released);
        Assert.Equal(["granted run-a", "released run-a"], Audited);
    }

    /// <summary>A coordinator that wakes up late lets go of what it had, and of nothing that was granted since.</summary>
    [Theory]
    [InlineData("run-b", 3UL)]
    [InlineData("run-a", 2UL)]
    public async Task Release_WhatIsNotItsOwn_EndsNothing(string run, ulong fence)
    {
        await Acquire("run-a", 3);

        Assert.Null((await Release(run, fence)).Released);
        Assert.Equal(3UL, (await LookAsync()).Lease.Fence);
    }

    [Fact]
    public async Task Release_Released_IsRefusedFromThenOn()
    {
        await Acquire("run-a", 1);
        await Release("run-a", 1);

        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Renew("run-a", 1))).Reason);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 1))).Reason);
    }
}
