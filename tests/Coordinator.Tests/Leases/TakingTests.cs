using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Leases;

/// <summary>How a run gets the lock, and what it says when somebody has it.</summary>
public sealed class TakingTests : IDisposable
{
    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));

    [Fact]
    public async Task Run_HasTheLeaseOnEveryAgentWhileItRuns_AndOnNoneAfterwards()
    {
        List<string> during = [];
        _fleet.OnCall = (rpc, _, done) => during.AddRange(rpc == "StashManifest" && done ? _fleet.Leases.Select(lease => $"{lease.Key} {lease.Value.Run} {lease.Value.Fence}") : []);
        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        var id = Path.GetFileName(Path.GetDirectoryName(Assert.Single(_state.Journals())))!;
        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Equal([$"cp1 {id} 1", $"cp2 {id} 1", $"cp3 {id} 1"], during.Distinct());
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal((null, 1UL), (lease.Run, lease.Highest)));
        var taken = run.Records.Single(record => record.Kind == JournalKind.LockTaken);
        Assert.Equal(("on cp1, cp2, cp3", "1"), (taken.Summary, taken.Facts!["fence"]));
    }

    /// <summary>Whatever came of the run before.</summary>
    [Theory]
    [InlineData("stash-manifest")]
    [InlineData("start-etcd")]
    public async Task Run_EndsBadly_LetsGo_AndTheNextOneHasAHigherFence(string step)
    {
        using var first = new FleetRun(_fleet, _state);
        Sabotage.At(first, _fleet, "cp1", step);
        await first.MigrateAsync();
        Assert.Equal(ExitCode.FailedAndUndone, first.Exit);
        Assert.All(_fleet.Leases.Values, lease => Assert.Null(lease.Run));

        var before = _fleet.Now;
        using var second = await new FleetRun(_fleet, _state).RollbackAsync();

        Assert.Equal("2", second.Records.Single(record => record.Kind == JournalKind.LockTaken).Facts!["fence"]);
        Assert.True(_fleet.Now - before < TimeSpan.FromSeconds(30), "it waited for nobody's lock");
    }

    [Fact]
    public async Task Run_AnotherOneIsAlive_Exits6_NamesIt_AndCallsNothing()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes().IsAlive();
        var before = _fleet.Now;

        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal(ExitCode.Locked, run.Exit);
        Assert.StartsWith($"another run has the lock, and is at work: run {OtherRun.Id} (ann on another machine), since 2026-11-23 03:00:00Z, for 30 s more unless it is renewed; expected none. Nothing was changed", run.Why, StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
        Assert.InRange(_fleet.Now - before, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(13)); // as soon as it is seen to be alive
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(OtherRun.Id, lease.Run));
        Assert.Equal(["run-started", "run-ended 6"], run.Lines);
        Assert.Null(new RunFolders(_state.Path, _fleet.Time).FindUnfinished("kkg", "migrate")); // it has begun nothing
    }

    /// <summary>A coordinator died; whoever comes after it need not do anything but wait.</summary>
    [Fact]
    public async Task Run_AnotherOneIsDead_WaitsUntilItsLockRunsOut_AndBegins()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes();
        var before = _fleet.Now;

        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        var taken = run.Records.Single(record => record.Kind == JournalKind.LockTaken);
        Assert.Equal("2", taken.Facts!["fence"]);
        Assert.InRange(taken.At - before, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(33));
        var said = Assert.Single(run.Reporter.Events.OfType<RunEvent.Note>(), note => note.Text.StartsWith("another run has the lock: ", StringComparison.Ordinal));
        Assert.EndsWith("waiting whether it renews it, for 29 s at the most", said.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OnlyAMinorityIsHeldByAnother_IsTaken_AndThatAgentFollowsOnceItRanOut()
    {
        new OtherRun(_fleet, "cp2").Takes();

        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.Equal("on cp1, cp3", run.Records.Single(record => record.Kind == JournalKind.LockTaken).Summary);
        Assert.Contains(run.Reporter.Events, happened => happened is RunEvent.Note { Warning: true } note && note.Text.StartsWith("the lock is not held on cp2: run ", StringComparison.Ordinal));
        Assert.Contains("on cp1, cp2, cp3", run.Records.Last(record => record.Kind == JournalKind.LockRaised).Summary, StringComparison.Ordinal);
        Assert.Empty(_fleet.Violations);
    }

    [Fact]
    public async Task Run_NoMajorityAnswers_Exits3_AndNamesWhoDoesNot()
    {
        _fleet["cp2"].AwayUntil = _fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;

        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.StartsWith("1 of 3 agents can be asked for the lock, expected at least 2: cp2: ", run.Why, StringComparison.Ordinal);
        Assert.Contains("; cp3: ", run.Why, StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(0UL, lease.Highest));
    }

    /// <summary>Somebody else asked at the same moment: what was got is given back, and it is tried again.</summary>
    [Fact]
    public async Task Run_TwoAskAtOnce_GivesBackWhatItGot_AndTriesAgain()
    {
        foreach (var node in (string[])["cp1", "cp2"])
        {
            _fleet.With("AcquireLease", node, new(FaultKind.Refuse) { Reason = FaultReason.LeaseHeld });
        }

        List<string> calls = [];
        _fleet.OnCall = (rpc, node, done) => calls.AddRange(done && rpc.EndsWith("Lease", StringComparison.Ordinal) ? [$"{node} {rpc}"] : []);
        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Equal(["cp1 GetLease", "cp2 GetLease", "cp3 GetLease", "cp3 AcquireLease", "cp1 ReleaseLease", "cp2 ReleaseLease", "cp3 ReleaseLease", "cp1 GetLease"], calls.Take(8));
        Assert.Equal("2", run.Records.Single(record => record.Kind == JournalKind.LockTaken).Facts!["fence"]);
    }

    [Fact]
    public async Task Cancel_WhileItWaitsForTheLock_Exits130()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes();
        using var run = new FleetRun(_fleet, _state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.Note)
            {
                run.Operator.Cancel();
            }
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Cancelled, "cancelled while it waited for the lock; nothing was changed"), (run.Exit, run.Why));
        Assert.Empty(_fleet.Calls);
    }

    [Fact]
    public async Task BreakLock_OfARunThatIsAlive_EndsItWithTheReason_AndBegins()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes().IsAlive();

        using var run = await new FleetRun(_fleet, _state, new() { BreakLock = "ann's machine is in the river" }).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        var broken = run.Records.Single(record => record.Kind == JournalKind.LockBroken);
        Assert.StartsWith($"run {OtherRun.Id} (ann on another machine), since ", broken.Summary, StringComparison.Ordinal);
        Assert.EndsWith("; reason: ann's machine is in the river", broken.Summary, StringComparison.Ordinal);
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(OtherRun.Id, lease.Broken));
        Assert.Equal(["run-started", "lock-broken", "lock-taken"], run.Lines.Take(3));
    }

    [Fact]
    public async Task BreakLock_NobodyHasIt_SaysSoAndGoesOn()
    {
        using var run = await new FleetRun(_fleet, _state, new() { BreakLock = "to be sure" }).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Contains(new RunEvent.Note("there was no lock to break", Warning: false), run.Reporter.Events);
        Assert.DoesNotContain("lock-broken", run.Lines);
    }

    [Fact]
    public async Task BreakLock_ByWhoMayNot_IsRefused_AndNothingBegins()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes();
        foreach (var node in _fleet.Nodes)
        {
            _fleet.With("BreakLease", node.Name, new(FaultKind.Refuse) { Reason = FaultReason.Permission });
        }

        using var run = await new FleetRun(_fleet, _state, new() { BreakLock = "mine" }).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.StartsWith("the lock was not broken: ", run.Why, StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(OtherRun.Id, lease.Run));
    }

    public void Dispose() => _state.Dispose();
}
