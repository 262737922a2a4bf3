using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Verbs.Leases;

public sealed class BreakLeaseTests : LeaseFixture
{
    [Fact]
    public async Task Break_SomebodysLease_EndsIt_WithWhoAndWhyInTheAudit()
    {
        await Acquire("run-a", 4);

        Assert.Equal("run-a", (await BreakAsync("its machine is in the river")).Broken.Run);

        var record = Node.Audit[^1];
        Assert.Equal(("broken", "breaker", "etcdfleet://kkg/operator/some-admin/admin"), (record.Outcome, record.Run, record.Caller));
        Assert.StartsWith("run run-a (the test of run-a) has this node's lease since ", record.Detail, StringComparison.Ordinal);
        Assert.EndsWith("; reason: its machine is in the river", record.Detail, StringComparison.Ordinal);
        Assert.Equal((null, 4UL), (await LookAsync()) is var look ? (look.Lease, look.HighestFence) : default);
    }

    /// <summary>Otherwise a coordinator that is alive would take it back before anybody else could have it.</summary>
    [Fact]
    public async Task Break_TheBrokenRun_IsRefusedAndGetsNoOtherOne_AndTheNextOneDoes()
    {
        await Acquire("run-a", 4);
        await BreakAsync("it must not go on");

        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Renew("run-a", 4))).Reason);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 4))).Reason);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Acquire("run-a", 5))).Reason);
        Assert.Equal("run-b", (await Acquire("run-b", 5)).Lease.Run);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Acquire("run-a", 6))).Reason);
    }

    [Fact]
    public async Task Break_NobodyHasIt_IsNothing_AndExpiredIsNobody()
    {
        Assert.Null((await BreakAsync("to be sure")).Broken);
        await Acquire("run-a", 1);
        Pass(30);

        Assert.Null((await BreakAsync("to be sure")).Broken);
        Assert.Equal(["granted run-a"], Audited);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two\nlines")]
    public async Task Break_WithoutAReason_IsRefused(string reason)
    {
        await Acquire("run-a", 1);

        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => BreakAsync(reason))).StatusCode);
        Assert.Equal("run-a", (await LookAsync()).Lease.Run);
    }

    [Fact]
    public async Task Break_ByAnOperator_IsDenied() =>
        Assert.Equal(FaultReason.Permission, (await RefusalAsync(Leases.BreakLeaseAsync(new() { Run = "breaker", Reason = "mine" }, Options))).Reason);
}
