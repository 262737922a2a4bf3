using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>Undo that meets trouble of its own.</summary>
public sealed class UndoTests
{
    [Theory]
    [InlineData("StopUnit", "start-etcd")]
    [InlineData("RestoreEtcdOwners", "chown-etcd-files")]
    [InlineData("RestoreManifest", "stash-manifest")]
    public async Task Undo_Fails_Exit5AndNothingElseIsTried(string rpc, string step)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With(rpc, "cp2", new(FaultKind.Fail) { Times = 3 });
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp2", "etcd-healthy");

        await run.MigrateAsync();

        Assert.Equal(ExitCode.UndoFailed, run.Exit);
        Assert.Equal([$"undo-intent A3/cp2/{step}", $"undo-failed A3/cp2/{step}", "run-ended 5"], run.Lines.TakeLast(3));
        Assert.Contains($"the undo of {step} failed", run.Why, StringComparison.Ordinal);
        Assert.Empty(fleet.Violations);
    }

    /// <summary>Its agent died before the undo had changed anything, and does not do it now (INTERRUPTED): it is asked anew, under another id.</summary>
    [Theory]
    [InlineData(2, (int)ExitCode.FailedAndUndone)]
    [InlineData(3, (int)ExitCode.UndoFailed)]
    public async Task Undo_Interrupted_IsCalledAgainUnderANewId(int deaths, int expected)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StopUnit", "cp2", new(FaultKind.Refuse) { Reason = Agent.V1.FaultReason.Interrupted, Times = deaths });
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp2", "etcd-healthy");

        await run.MigrateAsync();

        Assert.Equal((ExitCode)expected, run.Exit);
        var intents = run.Records.Where(record => record is { Kind: JournalKind.UndoIntent, Step: "A3/cp2/start-etcd" }).Select(record => record.Operation).ToList();
        Assert.Equal((3, 3), (intents.Count, intents.Distinct().Count()));
    }

    [Fact]
    public async Task Undo_DoneButNotHealthyAgain_Exit5()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp2", "start-etcd");
        run.Reporter.On += happened =>
        {
            if (happened is RunEvent.StepStarted { Undoing: true })
            {
                fleet["cp2"].Sick = "it sees no leader";
            }
        };

        await run.MigrateAsync();

        Assert.Equal(ExitCode.UndoFailed, run.Exit);
        Assert.Contains("undone, but not healthy again", run.Why, StringComparison.Ordinal);
        Assert.Contains("it sees no leader", run.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(45, (int)ExitCode.FailedAndUndone)]
    [InlineData(75, (int)ExitCode.UndoFailed)]
    public async Task Undo_TheAgentIsAway_IsWaitedForAMinute(int seconds, int expected)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StartUnit", "cp1", new(FaultKind.VanishAfterChange) { For = TimeSpan.FromSeconds(seconds) });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(expected, (int)run.Exit);
        Assert.Empty(fleet.Violations);
    }

    /// <summary>The undo's answer gets lost: it is asked for again with the same operation, so nothing is done twice.</summary>
    [Fact]
    public async Task Undo_ItsAnswerGetsLost_IsRepeatedWithTheSameOperation()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("RestoreManifest", "cp1", new(FaultKind.VanishAfterChange) { For = TimeSpan.FromSeconds(5) });
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp1", "start-etcd");

        await run.MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Assert.Single(fleet.Calls, call => call.Rpc == "RestoreManifest");
        Assert.True(run.Records.Single(record => record is { Kind: JournalKind.Undone, Step: "A3/cp1/stash-manifest" }).Changed);
    }

    /// <summary>The node lost power in the middle of its undo: it answered once more without its systemd, or at its boot the agent could not finish, because systemd was starting etcd.service.</summary>
    [Theory]
    [InlineData(FaultReason.ProgramFailed, 2, (int)ExitCode.FailedAndUndone)]
    [InlineData(FaultReason.Io, 1, (int)ExitCode.FailedAndUndone)]
    [InlineData(FaultReason.Interrupted, 2, (int)ExitCode.FailedAndUndone)]
    [InlineData(FaultReason.Io, 3, (int)ExitCode.UndoFailed)]
    [InlineData(FaultReason.UnsafeFile, 1, (int)ExitCode.UndoFailed)]
    public async Task Undo_TheMachineWasGoingDownOrComingUp_IsAskedForAnew(FaultReason reason, int times, int expected)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("RestoreEtcdOwners", "cp1", new(FaultKind.Refuse) { Reason = reason, Times = times });
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp1", "start-etcd");

        await run.MigrateAsync();

        Assert.Equal(expected, (int)run.Exit);
    }

    /// <summary>The first answer comes only after the call's whole deadline; the patience counts from there.</summary>
    [Fact]
    public async Task Undo_TheFirstCallHangsForItsWholeDeadline_IsTriedAgain()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StopUnit", "cp1", new(FaultKind.Hang) { For = TimeSpan.FromSeconds(110) });
        using var run = new FleetRun(fleet, state);
        Sabotage.At(run, fleet, "cp1", "etcd-healthy");

        await run.MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
    }

    /// <summary>The connection breaks while etcd starts; the verb goes on for minutes, and the undo waits for its end.</summary>
    [Theory]
    [InlineData(220, (int)ExitCode.FailedAndUndone)]
    [InlineData(300, (int)ExitCode.UndoFailed)]
    public async Task Undo_TheVerbIsStillAtWork_WaitsForItsEnd(int seconds, int expected)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StartUnit", "cp1", new(FaultKind.VanishBeforeChange));
        using var run = new FleetRun(fleet, state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Undoing: true, Id.Step: "start-etcd" })
            {
                fleet["cp1"].BusyUntil = fleet.Now + TimeSpan.FromSeconds(seconds);
            }
        };

        await run.MigrateAsync();

        Assert.Equal(expected, (int)run.Exit);
    }

    [Fact]
    public async Task Apply_TheNodeIsBusy_WaitsUntilItIsFree()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StashManifest", "cp2", new(FaultKind.Busy) { Times = 40 });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Contains(run.Reporter.Events, happened => happened is RunEvent.StepProgress { Id.Step: "stash-manifest" } waiting && waiting.Doing.Contains("at work", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_TheNodeStaysBusy_IsRefusedInTheEnd()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("StashManifest", "cp1", new(FaultKind.Busy) { Times = int.MaxValue / 2 });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit); // A2 has changed the nodes; cp1 is as it was
        Assert.Equal(["intent A3/cp1/stash-manifest", "refused A3/cp1/stash-manifest"], run.LinesOf("A3/cp1").TakeLast(2));
    }

    /// <summary>After A7 nothing may need hands because of a rehearsal whose answer got lost.</summary>
    [Theory]
    [InlineData(20, (int)ExitCode.Done)]
    [InlineData(int.MaxValue, (int)ExitCode.UndoFailed)]
    public async Task Apply_TheAnswerOfAReadGetsLost_IsAskedForAgainForAMinute(int times, int expected)
    {
        using var state = new TempState();
        var (fleet, asked) = (new FakeFleet(Inventory.Of(3)), 0);
        var answers = fleet.Join;
        fleet.Join = () => ++asked <= times ? throw new AgentCallException("cp1", StatusCode.Unavailable, FaultReason.Unspecified, "the connection broke") : answers();
        using var run = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();

        Assert.Equal(expected, (int)run.Exit);
        Assert.InRange(asked, 21, 300);
    }

    [Fact]
    public async Task Apply_TheAnswerOfAPreparationGetsLost_IsAskedForAgainWithTheSameOperation()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("FetchRelease", "cp1", new(FaultKind.VanishAfterChange) { For = TimeSpan.FromSeconds(5) });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Single(fleet.Calls, call => call is { Rpc: "FetchRelease", Node: "cp1" });
    }

    /// <summary>This machine's disk is full in the middle of a cutover: the node gets its etcd back all the same.</summary>
    [Theory]
    [InlineData("chown-etcd-files")]
    [InlineData("start-etcd")]
    [InlineData("members-agree")]
    public async Task Undo_TheJournalCannotBeWritten_TheNodeIsUndoneAllTheSame(string step)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        var (folder, reporter) = (Path.Combine(state.Path, "run"), new CapturingReporter());
        var journal = Journal.Begin(folder, fleet.Time);
        reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Undoing: false } started && started.Id == new StepId("A3", "cp2", step))
            {
                journal.Dispose();
            }
        };
        var run = new Run("run", folder, fleet.Inventory, new(), InheritedSteps.None);

        var outcome = await new LeasedRun(run, fleet, reporter, journal, fleet.Time).AroundAsync(
            leased => new PlanRunner(run, leased, reporter, journal, fleet.Time).RunAsync(Migrate.Build(fleet.Inventory, new() { EtcdOnly = true }), CancellationToken.None), CancellationToken.None);

        // The gates after the undo go on without a record as well: the node is back, and healthy.
        Assert.Equal(ExitCode.FailedAndUndone, outcome.Exit);
        Assert.Equal(("root", "inactive"), (fleet["cp2"].Owner, fleet["cp2"].UnitActive));
        Assert.Equal(Agent.V1.StaticPod.Types.Place.InUse, fleet["cp2"].Place);
        Assert.Contains(reporter.Events, happened => happened is RunEvent.Note { Warning: true });
    }
}
