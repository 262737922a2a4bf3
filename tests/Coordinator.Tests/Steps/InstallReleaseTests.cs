using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class InstallReleaseTests : IDisposable
{
    private readonly StepBench _bench = new();

    private InstallRelease Step => new(_bench["cp1"], Inventory.EtcdVersion);

    [Fact]
    public async Task Apply_NothingIsInstalled_InstallsAndKeepsTheDigests()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, new string('c', 64)), (receipt.Changed, receipt.Facts["/usr/local/bin/etcd"]));
        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Undo_WhatWasThereBefore_Stays()
    {
        _bench.Fleet["cp1"].Installed = Inventory.EtcdVersion;
        await _bench.ApplyAsync(Step);

        Assert.False((await _bench.UndoAsync(Step)).Changed);
        Assert.Equal(Inventory.EtcdVersion, _bench.Fleet["cp1"].Installed);
    }

    [Fact]
    public async Task Undo_EtcdRuns_IsRefused()
    {
        await _bench.ApplyAsync(Step);
        _bench.Fleet["cp1"].UnitActive = "active";

        Assert.Equal(FaultReason.UnitRunning, (await Assert.ThrowsAsync<AgentCallException>(() => _bench.UndoAsync(Step))).Reason);
    }

    public void Dispose() => _bench.Dispose();
}
