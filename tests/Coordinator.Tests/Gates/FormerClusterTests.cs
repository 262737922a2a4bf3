using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class FormerClusterTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Ask_WhatWorkedWorksAgain_IsGreen()
    {
        await BackAsync();

        var answer = await _bench.AskAsync(new FormerCluster());

        Assert.True(answer.Green, answer.Why);
    }

    [Fact]
    public async Task Ask_AMemberThatWorkedIsDown_IsRed()
    {
        await BackAsync();
        _bench.Fleet["cp2"].UnitActive = "inactive";

        var answer = await _bench.AskAsync(new FormerCluster());

        Assert.False(answer.Green);
        Assert.Contains("cp2", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_AnApiServerIsNotReady_IsRed()
    {
        await BackAsync();
        _bench.Fleet["cp3"].ApiServer.Down = true;

        Assert.False((await _bench.AskAsync(new FormerCluster())).Green);
    }

    /// <summary>Two disks were gone before: they still are.</summary>
    [Fact]
    public async Task Ask_ThereWasNoQuorumBefore_IsGreenAndSaysSo()
    {
        using var bench = new StepBench(fleet: RestoreFleet.WithoutQuorum());

        var answer = await bench.AskAsync(new FormerCluster());

        Assert.True(answer.Green);
        Assert.StartsWith("0 of 3 members worked", answer.Why, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    /// <summary>A restore that stopped the control plane, and gave it back.</summary>
    private async Task BackAsync()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));
        await _bench.UndoAsync(new StopControlPlane(RestoreFleet.Sha256));
        _bench.Fleet.Time.Advance(TimeSpan.FromMinutes(2));
    }
}
