using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class RegenerateApiServerTests : IDisposable
{
    private readonly StepBench _bench = new();

    private RegenerateApiServer Step => new(_bench["cp2"]);

    [Fact]
    public async Task Apply_GivesTheApiServerAllEndpoints_AndKeepsTheManifest()
    {
        Assert.True((await _bench.ApplyAsync(Step)).Changed);
        Assert.Equal((string.Join(',', _bench.Fleet.Inventory.EtcdEndpoints), FakeApiServer.Stacked), (_bench.Fleet["cp2"].ApiServer.Manifest, _bench.Fleet["cp2"].ApiServer.Kept));
    }

    [Fact]
    public async Task Apply_MoreThanEtcdWouldChange_IsRefused()
    {
        _bench.Fleet["cp2"].ApiServer.Drift = "--audit-log-maxage: 30 -> (not set)";

        var refused = await Assert.ThrowsAsync<AgentCallException>(() => _bench.ApplyAsync(Step));
        Assert.Equal((true, FaultReason.ApiserverDrift), (refused.Refused, refused.Reason));
    }

    /// <summary>The undo ends only when the apiserver of before is back: no other node is touched while one is missing.</summary>
    [Fact]
    public async Task Undo_AfterApply_PutsTheManifestBackAndWaits()
    {
        await _bench.ApplyAsync(Step);
        var began = _bench.Fleet.Now;

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.Equal((FakeApiServer.Stacked, null), (_bench.Fleet["cp2"].ApiServer.Manifest, _bench.Fleet["cp2"].ApiServer.Kept));
        Assert.True(_bench.Fleet.Now - began > TimeSpan.FromSeconds(30), "it did not wait");
    }

    [Fact]
    public async Task Undo_WithoutApply_ReportsUnchanged() => Assert.False((await _bench.UndoAsync(Step)).Changed);

    public void Dispose() => _bench.Dispose();
}
