using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Leases;

/// <summary>A coordinator without its lock changes nothing more, undoes nothing, and says so.</summary>
public sealed class LosingTests : IDisposable
{
    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));

    public static TheoryData<string> EveryStep() => [.. Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps.Select(step => step.Id.ToString())];

    /// <summary>Stopped as it begins a step, whichever: another run has come and has the lock when it wakes up.</summary>
    [Theory]
    [MemberData(nameof(EveryStep))]
    public async Task Coordinator_StoppedPastItsLease_TouchesNothingMore(string step)
    {
        using var run = await StoppedAtAsync(step, () => new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes(), out var calls);

        Assert.Equal(ExitCode.Locked, run.Exit);
        Assert.Equal(calls(), _fleet.Calls.Count);
        Assert.StartsWith("the lock was lost: it was renewed ", run.Why, StringComparison.Ordinal);
        Assert.Contains("this coordinator was stopped, or cut off from the agents; another run has it now: run " + OtherRun.Id + " (ann on another machine), since ", run.Why, StringComparison.Ordinal);
        Assert.Contains("This run has changed nothing since, and undone nothing", run.Why, StringComparison.Ordinal);
        Assert.Equal(["lock-lost", "run-ended 6"], run.Lines.TakeLast(2));
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("undo", StringComparison.Ordinal));
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(OtherRun.Id, lease.Run)); // it lets go of its own alone
    }

    /// <summary>The whole story: the second coordinator finishes the first one's work meanwhile.</summary>
    [Theory]
    [InlineData("A3/cp1/await-pod-gone")]
    [InlineData("A3/cp2/chown-etcd-files")]
    [InlineData("A3/cp2/etcd-healthy")]
    public async Task Coordinator_StoppedWhileAnotherOneFinishes_ChangesNothing(string step)
    {
        using var elsewhere = new TempState();
        ExitCode? second = null;
        using var run = await StoppedAtAsync(step, () =>
        {
            using var other = new FleetRun(_fleet, elsewhere);
            second = other.MigrateAsync().GetAwaiter().GetResult().Exit;
        }, out var calls);

        Assert.Equal((ExitCode.Done, ExitCode.Locked), (second, run.Exit));
        Assert.Equal(calls(), _fleet.Calls.Count);
        Assert.Contains("nobody has it now", run.Why, StringComparison.Ordinal);
        Assert.All(_fleet.Nodes, node => Assert.True(node.UnitUp));
        Assert.Empty(_fleet.Violations);
    }

    [Fact]
    public async Task Run_ThatLostItsLock_IsUnfinished_AndTheNextOneGoesOn()
    {
        var reporter = new CapturingReporter();
        var scope = new CommandScope(_fleet.Inventory, _fleet, reporter, new FakeTerminal(), _state.Path, _fleet.Time, Yes: true, DryRun: false);
        reporter.On = Stop(happened => happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "chown-etcd-files" } }, () => { });
        Assert.Equal(ExitCode.Locked, await new Operations().MigrateAsync(scope, new([], new()), TestContext.Current.CancellationToken));
        Assert.Contains("'etcdfleet resume' goes on", reporter.Ended.Outcome, StringComparison.Ordinal);
        Assert.Contains("A3/cp2/stash-manifest", new RunFolders(_state.Path, _fleet.Time).FindUnfinished("kkg", "migrate")!.Steps.Begun);
        _fleet.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ExitCode.Done, await new Operations().ResumeAsync(scope, "", new(), TestContext.Current.CancellationToken));
        Assert.All(_fleet.Nodes, node => Assert.True(node.UnitUp));
    }

    /// <summary>An undo is a change like any other: it is for who has the lock now.</summary>
    [Fact]
    public async Task Coordinator_StoppedAsItBeginsAnUndo_UndoesNothing()
    {
        using var run = new FleetRun(_fleet, _state);
        var calls = -1;
        var stop = Stop(happened => happened is RunEvent.StepStarted { Undoing: true }, () =>
        {
            calls = _fleet.Calls.Count;
            new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes();
        });
        Sabotage.At(run, _fleet, "cp2", "etcd-healthy");
        var sabotage = run.Reporter.On;
        run.Reporter.On = happened =>
        {
            sabotage(happened);
            stop(happened);
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Locked, calls), (run.Exit, _fleet.Calls.Count));
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("undone", StringComparison.Ordinal) || line.StartsWith("undo-failed", StringComparison.Ordinal));
    }

    /// <summary>An admin has broken it: the agents say so before the time is up.</summary>
    [Fact]
    public async Task Lock_BrokenByAnother_TheRunEndsAtItsNextCall()
    {
        using var run = new FleetRun(_fleet, _state);
        var calls = -1;
        run.Reporter.On = happened =>
        {
            if (calls < 0 && happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "chown-etcd-files" } })
            {
                calls = _fleet.Calls.Count;
                new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes();
            }
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Locked, calls), (run.Exit, _fleet.Calls.Count));
        Assert.Contains("a majority of the agents does not give it to this run any more; another run has it now", run.Why, StringComparison.Ordinal);
    }

    /// <summary>Broken, and nobody has taken it yet: it does not take it back.</summary>
    [Fact]
    public async Task Lock_Broken_IsNotTakenBack()
    {
        using var run = new FleetRun(_fleet, _state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "chown-etcd-files" } })
            {
                foreach (var lease in _fleet.Leases.Values)
                {
                    lease.Break(_fleet.Now);
                }
            }
        };

        await run.MigrateAsync();

        Assert.Equal(ExitCode.Locked, run.Exit);
        Assert.Contains("nobody has it now", run.Why, StringComparison.Ordinal);
        Assert.All(_fleet.Leases.Values, lease => Assert.Null(lease.Run));
        Assert.Equal("root", _fleet["cp2"].Owner);
    }

    /// <summary>Cut off from a majority for longer than the lease: a wait is ended as soon as that is known.</summary>
    [Fact]
    public async Task Coordinator_CutOffFromAMajority_EndsItsRun()
    {
        _fleet.PodStopTime = TimeSpan.FromSeconds(80);
        using var run = new FleetRun(_fleet, _state);
        var calls = -1;
        run.Reporter.On = happened =>
        {
            if (calls < 0 && happened is RunEvent.StepStarted { Id: { Node: "cp1", Step: "await-pod-gone" } })
            {
                calls = _fleet.Calls.Count;
                _fleet["cp2"].AwayUntil = _fleet["cp3"].AwayUntil = _fleet.Now + TimeSpan.FromSeconds(70);
            }
        };

        await run.MigrateAsync();

        Assert.Equal((ExitCode.Locked, calls), (run.Exit, _fleet.Calls.Count));
        Assert.Contains("for 30 s: this coordinator was stopped, or cut off from the agents; nobody has it now", run.Why, StringComparison.Ordinal);
    }

    public void Dispose() => _state.Dispose();

    /// <summary>A run whose coordinator is stopped when a step begins, and goes on after its lease has run out and something else has happened.</summary>
    private Task<FleetRun> StoppedAtAsync(string step, Action meanwhile, out Func<int> calls)
    {
        var run = new FleetRun(_fleet, _state);
        var count = -1;
        run.Reporter.On = Stop(happened => happened is RunEvent.StepStarted { Undoing: false } started && started.Id.ToString() == step, () =>
        {
            meanwhile();
            count = _fleet.Calls.Count;
        });
        calls = () => count;
        return run.MigrateAsync();
    }

    private Action<RunEvent> Stop(Func<RunEvent, bool> when, Action meanwhile)
    {
        var stopped = false;
        return happened =>
        {
            if (!stopped && when(happened))
            {
                stopped = true;
                using var waking = _fleet.Time.Stop();
                _fleet.Time.Advance(TimeSpan.FromSeconds(31));
                meanwhile();
            }
        };
    }
}
