using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Leases;

/// <summary>What outlives what: the agent, the machine, the file, and the clocks.</summary>
public sealed class NodeLeaseTests : LeaseFixture
{
    [Fact]
    public async Task Agent_Restarted_KeepsTheLease_NeitherLongerNorShorter()
    {
        await Acquire("run-a", 5);
        Pass(10);
        await RestartAsync(() => Pass(10));

        var look = await LookAsync();

        Assert.Equal(("run-a", 5UL, 10_000u), (look.Lease.Run, look.Lease.Fence, look.Lease.RemainingMs));
        Assert.Equal(1UL, (await Renew("run-a", 5)).Lease.Renewals);
        Assert.True((await Stash("operation-1", "run-a", 5)).Change.Changed);
    }

    [Fact]
    public async Task Agent_Restarted_AfterTheLeaseRanOut_HasNone()
    {
        await Acquire("run-a", 5);
        await RestartAsync(() => Pass(31));

        Assert.Equal((null, 5UL), (await LookAsync()) is var look ? (look.Lease, look.HighestFence) : default);
    }

    /// <summary>Also where the kernel's count says that it was only a moment: it is another boot's count.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3600)]
    [InlineData(100_000)]
    public async Task Machine_Rebooted_HasNoLease_AndRemembersTheHighestFence(int up)
    {
        await Acquire("run-a", 5);
        await RestartAsync(() => Node.Clock.Reboot("boot-2", TimeSpan.FromSeconds(up)));

        Assert.Equal((null, 5UL), (await LookAsync()) is var look ? (look.Lease, look.HighestFence) : default);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Renew("run-a", 5))).Reason);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);
        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Acquire("run-b", 5))).Reason);
        await Acquire("run-b", 6);
        Assert.Equal("fence 6 for 30000 ms; the lease of run run-a, fence 5, ended with an earlier boot", Node.Audit[^1].Detail);
    }

    /// <summary>The run whose lease was broken is remembered with it.</summary>
    [Fact]
    public async Task Agent_Restarted_RemembersWhoseLeaseWasBroken()
    {
        await Acquire("run-a", 5);
        await BreakAsync("it must not go on");
        await RestartAsync();

        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Acquire("run-a", 6))).Reason);
    }

    /// <summary>As after a restore of the machine's disk: it knows nothing, and lets nobody through.</summary>
    [Fact]
    public async Task File_Gone_KnowsNoLease()
    {
        await Acquire("run-a", 5);
        await RestartAsync(() => File.Delete(LeaseFile));

        Assert.Equal((null, 0UL), (await LookAsync()) is var look ? (look.Lease, look.HighestFence) : default);
        Assert.Equal(FaultReason.LeaseLost, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);
        Assert.Equal(6UL, (await Acquire("run-a", 6)).Lease.Fence);
        Assert.True((await Stash("operation-1", "run-a", 6)).Change.Changed);
    }

    /// <summary>Unknown is never taken for "nobody has it".</summary>
    [Theory]
    [InlineData("{\"highest\":")]
    [InlineData("null")]
    [InlineData("")]
    // Found by fuzzing: what nobody ever granted, and what a clock overflows by.
    [InlineData("{\"highest\":2,\"last\":{\"fence\":5,\"run\":\"run-a\",\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"00:00:30\",\"boot\":\"boot-1\",\"expires\":\"01:00:20\"}}")]
    [InlineData("{\"highest\":5,\"last\":{\"fence\":5,\"run\":null,\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"00:00:30\",\"boot\":\"boot-1\",\"expires\":\"01:00:20\"}}")]
    [InlineData("{\"highest\":5,\"last\":{\"fence\":5,\"run\":\"run-a\",\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"10675199.02:48:05.4775807\",\"boot\":\"boot-1\",\"expires\":\"01:00:20\"}}")]
    [InlineData("{\"highest\":5,\"last\":{\"fence\":5,\"run\":\"run-a\",\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"00:00:00\",\"boot\":\"boot-1\",\"expires\":\"01:00:20\"}}")]
    [InlineData("{\"highest\":5,\"last\":{\"fence\":5,\"run\":\"run-a\",\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"00:00:30\",\"boot\":\"boot-1\",\"expires\":\"-10675199.02:48:05.4775808\"}}")]
    [InlineData("{\"highest\":5,\"last\":{\"fence\":5,\"run\":\"run-a\\n\",\"cluster\":\"\",\"holder\":\"\",\"caller\":\"\",\"since\":\"2026-11-25T19:00:00Z\",\"ttl\":\"00:00:30\",\"boot\":\"boot-1\",\"expires\":\"01:00:20\"}}")]
    public async Task File_Damaged_NothingIsGrantedAndNothingLetThrough(string content)
    {
        await Acquire("run-a", 5);
        await RestartAsync(() => File.WriteAllText(LeaseFile, content));
        Agent.Logs.Expect("in a way that nobody foresaw");

        var refusal = await RefusalAsync(Acquire("run-b", 6));

        Assert.Equal((StatusCode.Internal, FaultReason.Io), (refusal.Code, refusal.Reason));
        Assert.StartsWith("/var/lib/etcdfleet/lease.json is damaged (", refusal.Text, StringComparison.Ordinal);
        Assert.Equal(FaultReason.Io, (await RefusalAsync(Stash("operation-1", "run-a", 5))).Reason);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
    }

    /// <summary>A fence is granted once also where two ask at the same time.</summary>
    [Fact]
    public async Task Acquire_ManyAtOnce_OneHasIt()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(async number =>
        {
            try
            {
                return (await Acquire($"run-{number}", 1)).Lease.Run;
            }
            catch (RpcException refused)
            {
                return RawRpc.ReasonOf(refused).ToString();
            }
        }));

        Assert.Single(answers, answer => answer.StartsWith("run-", StringComparison.Ordinal));
        Assert.Equal(15, answers.Count(answer => answer == nameof(FaultReason.LeaseHeld)));
    }
}
