using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class FetchReleaseTests : IDisposable
{
    private readonly StepBench _bench = new();

    private FetchRelease Step => new(_bench["cp1"], _bench.Fleet.Inventory.Etcd);

    [Fact]
    public async Task Apply_NotCached_FetchesAndSaysHowFar()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "SHA256SUMS"), (receipt.Changed, receipt.Facts["digest_source"]));
        Assert.Equal(["downloading"], _bench.Progress);
    }

    [Fact]
    public async Task Apply_Cached_IsNotFetchedAgain() // IR-7
    {
        await _bench.ApplyAsync(Step);

        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Apply_TheHashIsWrong_IsRefused()
    {
        _bench.Fleet.With("FetchRelease", "cp1", new(FaultKind.Refuse) { Reason = FaultReason.DigestMismatch });

        Assert.True((await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step))).Refused);
    }

    [Fact]
    public void ItOnlyPrepares() => Assert.Equal((true, false), (Step.Prepares, Step.Undo.Exists));

    public void Dispose() => _bench.Dispose();
}
