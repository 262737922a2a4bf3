using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>A mutating call comes to its verb only with the present lease's run and fence (rule 6).</summary>
public sealed class LeasedVerbTests : LeaseFixture
{
    public static TheoryData<string, ulong, string, ulong, FaultReason> Refusals() => new()
    {
        // held by, fence; call's run, fence; reason
        { "run-a", 5, "run-a", 4, FaultReason.Fenced },
        { "run-a", 5, "run-b", 4, FaultReason.Fenced },
        { "run-a", 5, "run-a", 6, FaultReason.LeaseLost },
        { "run-a", 5, "run-b", 6, FaultReason.LeaseHeld },
        { "run-a", 5, "run-b", 5, FaultReason.LeaseHeld },
        { "run-a", 5, "run-b", 0, FaultReason.LeaseHeld },
        { "run-a", 5, "run-a", 0, FaultReason.LeaseLost },
        { "", 0, "run-a", 0, FaultReason.LeaseLost },
        { "", 0, "run-a", 1, FaultReason.LeaseLost },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Call_WithoutThePresentLease_DoesNotComeToItsVerb(string holder, ulong held, string run, ulong fence, FaultReason expected)
    {
        if (held > 0)
        {
            await Acquire(holder, held);
        }

        var (code, reason, text) = await RefusalAsync(Stash("operation-1", run, fence));

        Assert.Equal((StatusCode.FailedPrecondition, expected), (code, reason));
        Assert.EndsWith("Nothing was changed", text, StringComparison.Ordinal);
        Assert.Empty(Node.Quorum.Asked);
        Assert.Empty(Node.Operations); // the same id may come again, with a higher fence
        Assert.Equal(("refused", expected.ToString(), "operation-1"), (Node.Audit[^1].What, Node.Audit[^1].Outcome, Node.Audit[^1].Operation));
        Assert.True(File.Exists(Node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Call_WithThePresentLease_ComesToItsVerb()
    {
        await Acquire("run-a", 5);

        Assert.True((await Stash("operation-1", "run-a", 5)).Change.Changed);
    }

    [Fact]
    public async Task Call_AfterTheLeaseExpired_IsLost_AndTheRefusedIdMayComeAgainWithAHigherFence()
    {
        await Acquire("run-a", 5);
        Pass(30);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);

        await Acquire("run-a", 6);

        Assert.True((await Stash("operation-1", "run-a", 6)).Change.Changed);
    }

    /// <summary>A coordinator that wakes up late: another one has come, and gone.</summary>
    [Fact]
    public async Task Call_AfterAnotherRunCameAndWent_IsFenced()
    {
        await Acquire("run-a", 5);
        Pass(30);
        await Acquire("run-b", 6);
        await Release("run-b", 6);

        var refusal = await RefusalAsync(Stash("operation-1", "run-a", 5));

        Assert.Equal(FaultReason.Fenced, refusal.Reason);
        Assert.Equal("fence 5 of run run-a is an older one, expected 6: nobody has the lease now. Nothing was changed", refusal.Text);
    }

    /// <summary>The lease is judged once the node's lock is taken: what has begun ends, and is busy for the next one until then.</summary>
    [Fact]
    public async Task Verb_AtWorkWhenItsLeaseEnds_GoesOn_AndTheNextRunFindsTheNodeBusy()
    {
        await Acquire("run-a", 5);
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash("operation-1", "run-a", 5);
        await verb.Reached.WaitAsync(Cancel);
        Pass(30);
        await Acquire("run-b", 6);

        var busy = await RefusalAsync(Stash("operation-2", "run-b", 6));

        Assert.Equal(FaultReason.Busy, busy.Reason);
        verb.Release();
        Assert.True((await call).Change.Changed);
        Assert.False((await Stash("operation-2", "run-b", 6)).Change.Changed);
    }

    [Fact]
    public async Task Repeat_IsReadFromTheRecord_ForWhoHasTheLease_WithWhateverFenceItHasByNow()
    {
        await Acquire("run-a", 5);
        var first = await Stash("operation-1", "run-a", 5);
        await Acquire("run-a", 6);

        Assert.Equal(first.ToByteArray(), (await Stash("operation-1", "run-a", 6)).ToByteArray());
        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);
        Assert.Single(Node.Quorum.Asked);
    }

    [Fact]
    public async Task Repeat_ByWhoHasNoLease_IsRefused()
    {
        await Acquire("run-a", 5);
        await Stash("operation-1", "run-a", 5);
        await Release("run-a", 5);

        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);
        Assert.DoesNotContain(Node.Audit, record => record.Outcome == "repeated");
    }

    [Fact]
    public async Task PersonAtTheNode_NeedsNoFence_WhileNobodyHasALease()
    {
        using var here = Agent.ConnectLocal();
        var manifests = new ManifestService.ManifestServiceClient(here);

        Assert.True((await manifests.StashManifestAsync(new() { Operation = new() { Id = "operation-1" }, Component = Component.Etcd }, Options)).Change.Changed);

        await Acquire("run-a", 5);
        var refusal = await RefusalAsync(manifests.RestoreManifestAsync(new() { Operation = new() { Id = "operation-2" }, Component = Component.Etcd }, Options));
        Assert.Equal(FaultReason.LeaseHeld, refusal.Reason);
        Assert.StartsWith("run run-a (the test of run-a) has this node's lease", refusal.Text, StringComparison.Ordinal);

        Pass(30);
        Assert.True((await manifests.RestoreManifestAsync(new() { Operation = new() { Id = "operation-3" }, Component = Component.Etcd }, Options)).Change.Changed);
    }

    [Fact]
    public async Task PersonAtTheNode_WithAFence_IsJudgedLikeAnybody()
    {
        using var here = Agent.ConnectLocal();
        var operation = new Operation { Id = "operation-1", Run = "run-a", Fence = 5 };

        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(new ManifestService.ManifestServiceClient(here).StashManifestAsync(new() { Operation = operation, Component = Component.Etcd }, Options))).Reason);
    }
}
