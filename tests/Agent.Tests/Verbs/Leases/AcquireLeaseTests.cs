using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Verbs.Leases;

public sealed class AcquireLeaseTests : LeaseFixture
{
    [Fact]
    public async Task Acquire_NobodyHasIt_IsGrantedForItsTime_AndAudited()
    {
        var lease = (await Acquire("run-a", 1)).Lease;

        Assert.Equal((1UL, "run-a", "kkg", "the test of run-a", Ttl, Ttl, 0UL), (lease.Fence, lease.Run, lease.Cluster, lease.Holder, lease.TtlMs, lease.RemainingMs, lease.Renewals));
        Assert.Equal("etcdfleet://kkg/operator/some-operator/operator", lease.Caller);
        Assert.Equal(Node.Time.GetUtcNow(), lease.Since.ToDateTimeOffset(), TimeSpan.FromMilliseconds(1));
        var record = Assert.Single(Node.Audit);
        Assert.Equal(("lease", "granted", "run-a", "fence 1 for 30000 ms", "/etcdfleet.agent.v1.LeaseService/AcquireLease"), (record.What, record.Outcome, record.Run, record.Detail, record.Rpc));
        Assert.Equal("0:0 0600", Node.Host.OwnerOf("/var/lib/etcdfleet/lease.json"));
    }

    [Fact]
    public async Task Acquire_AnotherRunHasIt_IsHeld_AndSaysByWhomSinceWhenAndForHowLong()
    {
        await Acquire("run-a", 1);
        Pass(10);

        var (code, reason, text) = await RefusalAsync(Acquire("run-b", 2));

        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.LeaseHeld), (code, reason));
        Assert.Matches(@"^run run-a \(the test of run-a\) has this node's lease since [0-9: -]+Z, fence 1; it expires in 20 s unless it is renewed", text);
        Assert.Equal(["granted run-a", "LeaseHeld run-b"], Audited);
        Assert.Equal("run-a", (await LookAsync()).Lease.Run);
    }

    [Fact]
    public async Task Acquire_TheOtherOnesHasExpired_IsTakenOver_AndAuditedAsSuch()
    {
        await Acquire("run-a", 1);
        Pass(30);

        Assert.Equal("run-b", (await Acquire("run-b", 2)).Lease.Run);

        Assert.Equal("fence 2 for 30000 ms; the lease of run run-a, fence 1, had expired", Node.Audit[^1].Detail);
    }

    [Theory]
    [InlineData(0.001)]
    [InlineData(29.999)]
    public async Task Acquire_ByAnother_OneMomentBeforeItExpires_IsHeld(double left)
    {
        await Acquire("run-a", 1);
        Pass(30 - left);

        Assert.Equal(FaultReason.LeaseHeld, (await RefusalAsync(Acquire("run-b", 2))).Reason);
    }

    /// <summary>Also after it has expired, was let go or was broken: a number is granted once.</summary>
    [Theory]
    [InlineData(5UL)]
    [InlineData(4UL)]
    public async Task Acquire_AFenceThatIsNotAboveTheHighest_IsFenced(ulong fence)
    {
        await Acquire("run-a", 5);
        await Release("run-a", 5);

        var (code, reason, text) = await RefusalAsync(Acquire("run-b", fence));

        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.Fenced), (code, reason));
        Assert.Equal($"fence is {fence}, expected one above 5, the highest that this node has seen", text);
        Assert.Null((await LookAsync()).Lease);
    }

    [Fact]
    public async Task Acquire_TheSameRunWithAHigherFence_RaisesIt()
    {
        await Acquire("run-a", 1);
        Pass(20);

        var raised = (await Acquire("run-a", 3)).Lease;

        Assert.Equal((3UL, Ttl), (raised.Fence, raised.RemainingMs));
        Assert.Equal("fence 3 for 30000 ms; raised from 1", Node.Audit[^1].Detail);
    }

    /// <summary>A repeat, whose first answer got lost.</summary>
    [Fact]
    public async Task Acquire_Twice_IsTheSameLease_AndGainsNoTime()
    {
        await Acquire("run-a", 1);
        Pass(20);

        Assert.Equal(10_000u, (await Acquire("run-a", 1)).Lease.RemainingMs);
        Assert.Equal(["granted run-a"], Audited);
    }

    [Fact]
    public async Task Acquire_TheSameFenceAfterItExpired_IsFenced()
    {
        await Acquire("run-a", 1);
        Pass(30);

        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Acquire("run-a", 1))).Reason);
        Assert.Equal(2UL, (await Acquire("run-a", 2)).Lease.Fence);
    }

    public static TheoryData<string, ulong, uint> BadRequests() => new()
    {
        { "", 1, Ttl }, { new string('r', 65), 1, Ttl }, { "run\na", 1, Ttl }, { "run-a", 0, Ttl }, { "run-a", (1UL << 62) + 1, Ttl }, { "run-a", 1, 999 }, { "run-a", 1, 3_600_001 },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task Acquire_ARequestThatIsNone_IsRefused_AndNothingIsWritten(string run, ulong fence, uint ttl)
    {
        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), await RefusalAsync(Acquire(run, fence, ttl)) is var refusal ? (refusal.Code, refusal.Reason) : default);
        Assert.False(File.Exists(LeaseFile));
    }

    [Fact]
    public async Task Acquire_WhatCannotBeWritten_IsNotGranted()
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        Directory.CreateDirectory(LeaseFile);

        Assert.Equal((StatusCode.Internal, FaultReason.Io), await RefusalAsync(Acquire("run-a", 1)) is var refusal ? (refusal.Code, refusal.Reason) : default);

        Directory.Delete(LeaseFile);
        Assert.Null((await LookAsync()).Lease);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 1))).Reason);
    }
}
