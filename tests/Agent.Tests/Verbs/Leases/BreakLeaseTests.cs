using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
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

    /// <summary>The admin has seen run-a, and his call was under way for a while: run-b, which nobody has spoken of, keeps its lease.</summary>
    [Fact]
    public async Task Break_ComesLate_TheNextRunKeepsItsLease()
    {
        await Acquire("run-a", 4);
        Pass(30);
        await Acquire("run-b", 5);

        var refusal = await Assert.ThrowsAsync<RpcException>(() => BreakAsync("its machine is in the river", fence: 4));

        Assert.Equal(FaultReason.Fenced, RawRpc.ReasonOf(refusal));
        Assert.Contains("run run-b (the test of run-b) has this node's lease since ", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(["granted run-a", "granted run-b", "Fenced breaker"], Audited);
        Assert.Equal("run-b", (await Renew("run-b", 5)).Lease.Run);
        Assert.Equal("run-b", (await BreakAsync("this one as well", fence: 5)).Broken.Run);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData((1UL << 62) + 1)]
    public async Task Break_OfNoFenceThatCanBe_IsRefused(ulong fence)
    {
        await Acquire("run-a", 1);

        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => BreakAsync("to be sure", fence))).StatusCode);
        Assert.Equal("run-a", (await LookAsync()).Lease.Run);
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
        Assert.Equal(FaultReason.Permission, (await RefusalAsync(Leases.BreakLeaseAsync(new() { Run = "breaker", Reason = "mine", Fence = 1000 }, Options))).Reason);
}
