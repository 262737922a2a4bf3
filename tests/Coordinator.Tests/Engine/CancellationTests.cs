using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>The operator's Ctrl-C: a verb at work is finished, the lane undone, and the run ends with 130.</summary>
public sealed class CancellationTests
{
    [Theory]
    [InlineData("stash-manifest", "stash-manifest")]
    [InlineData("await-pod-gone", "stash-manifest")]
    [InlineData("chown-etcd-files", "chown-etcd-files,stash-manifest")]
    [InlineData("start-etcd", "start-etcd,chown-etcd-files,stash-manifest")]
    [InlineData("etcd-healthy", "start-etcd,chown-etcd-files,stash-manifest")]
    public async Task Cancel_InTheMiddleOfALane_WhatBeganIsUndone(string during, string undone)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        CancelAt(run, "cp2", during);

        await run.MigrateAsync();

        Assert.Equal(ExitCode.Cancelled, run.Exit);
        Assert.Equal(undone.Split(',').Select(step => $"undone A3/cp2/{step}"), run.Lines.Where(line => line.StartsWith("undone", StringComparison.Ordinal)));
        Assert.Equal((StaticPod.Types.Place.InUse, "inactive", "root"), (fleet["cp2"].Place, fleet["cp2"].UnitActive, fleet["cp2"].Owner));
        Assert.Equal("active", fleet["cp1"].UnitActive);
        Assert.Equal(StaticPod.Types.Place.InUse, fleet["cp3"].Place);
        Assert.Empty(fleet.Violations);
        Assert.Equal("run-ended 130", run.Lines[^1]);
    }

    [Fact]
    public async Task Cancel_BetweenTwoNodes_TheOneThatIsDoneStaysDone()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepEnded { Id: { Node: "cp1", Step: "members-agree" } })
            {
                run.Operator.Cancel();
            }
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Cancelled, "active", "inactive"), (run.Exit, fleet["cp1"].UnitActive, fleet["cp2"].UnitActive));
        Assert.Empty(run.LinesOf("A3/cp2"));
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("undo", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Cancel_DuringTheChecks_NothingWasChanged()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        fleet.OnCall = (rpc, _, _) =>
        {
            if (rpc == "GetNode")
            {
                run.Operator.Cancel();
            }
        };

        await run.MigrateAsync();

        Assert.Equal(ExitCode.Cancelled, run.Exit);
        Assert.Empty(fleet.Calls);
        Assert.Equal(["run-started", "lock-taken", "failed A1/fleet/check-fleet", "run-ended 130"], run.Lines);
    }

    /// <summary>Nothing of ours is at work on a busy node, so there is nothing to wait for.</summary>
    [Fact]
    public async Task Cancel_WhileANodeIsBusy_EndsTheWait()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StashManifest", "cp1", new(FaultKind.Busy) { Times = int.MaxValue / 2 });
        using var run = new FleetRun(fleet, state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepProgress { Id.Step: "stash-manifest" })
            {
                run.Operator.Cancel();
            }
        };

        await run.MigrateAsync();

        Assert.Equal(ExitCode.Cancelled, run.Exit);
        Assert.Equal(StaticPod.Types.Place.InUse, fleet["cp1"].Place);
    }

    private static void CancelAt(FleetRun run, string node, string step) => run.Reporter.On = happened =>
    {
        if (happened is RunEvent.StepStarted { Undoing: false } started && started.Id == new StepId("A3", node, step))
        {
            run.Operator.Cancel();
        }
    };
}
