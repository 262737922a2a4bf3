using EtcdFleet.Agent.Tests.Leases;

namespace EtcdFleet.Agent.Tests.Verbs.Leases;

public sealed class GetLeaseTests : LeaseFixture
{
    [Fact]
    public async Task Get_NeverGranted_IsNothing()
    {
        var look = await LookAsync();

        Assert.Equal((null, 0UL), (look.Lease, look.HighestFence));
        Assert.Empty(Node.Audit);
        Assert.False(File.Exists(LeaseFile));
    }

    [Fact]
    public async Task Get_Held_SaysHowLongStill_AndExpired_OnlyTheHighest()
    {
        await Acquire("run-a", 9);
        Pass(29.5);
        Assert.Equal(500u, (await LookAsync()).Lease.RemainingMs);
        Pass(0.5);

        var look = await LookAsync();

        Assert.Equal((null, 9UL), (look.Lease, look.HighestFence));
    }
}
