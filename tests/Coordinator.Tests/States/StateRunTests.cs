using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>Whole runs whose lock and journal are in a real etcd as well.</summary>
public sealed class StateRunTests : IAsyncLifetime
{
    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));
    private StateServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StateServer.StartAsync(Cancel);

    [Fact]
    public async Task Run_ItsJournalAndDocumentsAreThere_AndItsLockIsGone()
    {
        using var run = await Run(new() { EtcdOnly = false }).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.Equal(["run-started", "lock-taken", "lock-taken"], run.Lines.Take(3));
        Assert.DoesNotContain(run.Reporter.Events, happened => happened is RunEvent.Note { Warning: true });
        Assert.Empty(await _server.CtlAsync("get", "/etcdfleet/kkg/lock"));
        _fleet.Nodes.ToList().ForEach(node => node.Runs.Files.Clear());
        using var elsewhere = new TempState();
        Assert.Equal(ExitCode.Done, await new Operations().StatusAsync(Scope(_fleet, elsewhere, new(), _server.At()), Cancel));
        var (journal, copy) = (Assert.Single(_state.Journals()), Assert.Single(elsewhere.Journals()));
        Assert.Equal(File.ReadAllBytes(journal), File.ReadAllBytes(copy));
        foreach (var document in (string[])["plan.txt", "before.json", "kubeadm-config.before.yaml"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(journal)!, document)), File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(copy)!, document)));
        }
    }

    /// <summary>What docs/state-etcd.md says of a run's share: its size, and about one transaction a step.</summary>
    [Fact]
    public async Task Run_WhatItLeavesThere_IsSmall()
    {
        using var run = await Run(new() { EtcdOnly = false }).MigrateAsync();

        using var there = _server.Open();
        var kept = await there.ListAsync("/etcdfleet/", Cancel);
        var (bytes, steps) = (kept.Sum(one => one.Key.Length + one.Value.Length), run.Records.Count(record => record.Kind == JournalKind.Intent));
        var revision = kept.Max(one => one.ModRevision);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kept.Count} keys, {bytes} bytes, revision {revision} after {steps} steps");
        Assert.InRange(bytes, 10_000, 100_000);
        Assert.InRange(revision, steps, steps + 30);
    }

    /// <summary>Before a verb is called, that etcd knows that it will be.</summary>
    [Fact]
    public async Task Run_BeforeEveryChange_ItsIntentIsThere()
    {
        using var there = _server.Open();
        var (without, changes) = (new List<string>(), 0);
        _fleet.OnCall = (rpc, name, done) =>
        {
            if (!done && IntentOf(_state, name) is { } intent)
            {
                changes++;
                OneThread.Meanwhile(async () =>
                {
                    var kept = await there.ListAsync("/etcdfleet/kkg/journals/", Cancel);
                    without.AddRange(kept.Any(line => line.Value.ToStringUtf8().Contains($"\"operation\":\"{intent.Operation}\"", StringComparison.Ordinal)) ? [] : [$"{rpc} on {name}: {intent.Step}"]);
                });
            }
        };
        using var run = await Run().MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Empty(without);
        Assert.True(changes > 20, $"{changes}");
    }

    [Fact]
    public async Task Status_ThatEtcdIsAway_ShowsTheNodesAllTheSame()
    {
        await _server.KillAsync();
        var reporter = new CapturingReporter();

        Assert.Equal(ExitCode.Done, await new Operations().StatusAsync(Scope(_fleet, _state, reporter, _server.At()), Cancel));

        Assert.NotEmpty(reporter.Tables);
        Assert.Contains(reporter.Events.OfType<RunEvent.Note>(), note => note.Warning && note.Text.Contains("connection refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ThatEtcdIsAwayAtTheStart_IsRefused_AndNothingBegins()
    {
        await _server.KillAsync();
        using var run = Run();

        var refused = await Assert.ThrowsAsync<CommandFault>(() => run.MigrateAsync());

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Contains("Nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
        Assert.Empty(_state.Journals());
    }

    /// <summary>Also by a dry run, and before the question is asked.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Migrate_ThatEtcdIsAway_IsRefusedBeforeTheQuestion(bool dryRun)
    {
        await _server.KillAsync();
        var terminal = new FakeTerminal();
        var scope = new CommandScope(_fleet.Inventory, _fleet, new CapturingReporter(), terminal, _state.Path, _fleet.Time, Yes: false, dryRun) { State = _server.At() };

        var refused = await Assert.ThrowsAsync<CommandFault>(() => new Operations().MigrateAsync(scope, new([], new()), Cancel));

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Empty(terminal.Questions);
    }

    /// <summary>The node at work is half-way when that etcd goes away: it is undone, under the agents' lease, and no other one is touched.</summary>
    [Theory]
    [InlineData("chown-etcd-files")]
    [InlineData("etcd-healthy")]
    public async Task Run_ThatEtcdGoesAwayAndStaysAway_TheNodeIsUndone(string step)
    {
        using var run = Run();
        run.Reporter.On = Once(step, () => OneThread.Meanwhile(_server.KillAsync));
        await run.MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Assert.StartsWith($"A3/cp2/{step}: the state's etcd, {_server.Url}/etcdfleet, cannot be used: ", run.Why, StringComparison.Ordinal);
        Assert.EndsWith("for 60 s; expected this step's record there before it begins, so it was not begun; undone on cp2", run.Why, StringComparison.Ordinal);
        Assert.Equal((StaticPod.Types.Place.Stashed, StaticPod.Types.Place.InUse, StaticPod.Types.Place.InUse), (_fleet["cp1"].Place, _fleet["cp2"].Place, _fleet["cp3"].Place));
        Assert.All(_fleet.Nodes, node => Assert.True(node.MemberUp(_fleet.Now)));
        Assert.Empty(_fleet.Violations);
        Assert.All(_fleet.Nodes, node => Assert.Equal(File.ReadAllBytes(Assert.Single(_state.Journals())), node.Runs.Files.Single(file => file.Key.File == "journal.jsonl").Value));
    }

    /// <summary>It is back within the engine's patience: nothing is lost but time.</summary>
    [Fact]
    public async Task Run_ThatEtcdIsAwayForAMoment_GoesOn()
    {
        using var run = Run();
        var kill = Once("chown-etcd-files", () => OneThread.Meanwhile(_server.KillAsync));
        run.Reporter.On = happened =>
        {
            kill(happened);
            if (happened is RunEvent.Note { Warning: true })
            {
                OneThread.Meanwhile(() => _server.StartAgainAsync(Cancel));
            }
        };
        await run.MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
    }

    /// <summary>Another run's name is in the key: this one ends where it is, and undoes nothing.</summary>
    [Fact]
    public async Task Run_ItsLockThereIsAnotherRuns_EndsWhereItIs()
    {
        using var run = Run();
        var calls = -1;
        run.Reporter.On = Once("chown-etcd-files", () =>
        {
            calls = _fleet.Calls.Count;
            OneThread.Meanwhile(() => _server.CtlAsync("put", "/etcdfleet/kkg/lock", "{\"run\":\"20261123-020000-beef\",\"holder\":\"ann on another machine\",\"since\":\"2026-11-23T02:00:00+00:00\",\"reason\":\"restore\"}"));
        });
        await run.MigrateAsync();

        Assert.Equal((ExitCode.Locked, calls), (run.Exit, _fleet.Calls.Count));
        Assert.Contains("it is another run's now: run 20261123-020000-beef (ann on another machine), since 2026-11-23 02:00:00Z, for restore. This run has changed nothing since, and undone nothing", run.Why, StringComparison.Ordinal);
        Assert.Equal(["lock-lost", "run-ended 6"], run.Lines.TakeLast(2));
        Assert.Contains("beef", await _server.CtlAsync("get", "/etcdfleet/kkg/lock"), StringComparison.Ordinal); // it lets go of its own alone
        Assert.Contains("run-ended", await _server.CtlAsync("get", "--prefix", "/etcdfleet/kkg/journals/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AnotherOneHasTheLockThere_IsRefused_AndTheAgentsAreLetGo()
    {
        using var other = new StateBench(_server, "20261128-030000-aaaa");
        await using var held = await other.TakeAsync();

        using var run = await Run().MigrateAsync();

        Assert.Equal(ExitCode.Locked, run.Exit);
        Assert.Contains("another run has the lock in ", run.Why, StringComparison.Ordinal);
        Assert.Empty(_fleet.Calls);
        Assert.All(_fleet.Leases.Values, lease => Assert.Null(lease.Run));
    }

    [Fact]
    public async Task BreakLock_BreaksBoth_AndIsJournaled()
    {
        new OtherRun(_fleet, "cp1", "cp2", "cp3").Takes().IsAlive();
        using var other = new StateBench(_server, OtherRun.Id);
        await using var held = await other.TakeAsync();

        using var run = await Run(options: new() { BreakLock = "ann's machine is in the river" }).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        var broken = run.Records.Where(record => record.Kind == JournalKind.LockBroken).Select(record => record.Summary).ToList();
        Assert.Equal(2, broken.Count);
        Assert.All(broken, summary => Assert.EndsWith("; reason: ann's machine is in the river", summary, StringComparison.Ordinal));
        Assert.Contains($"in {other.Etcd.Address}: run {OtherRun.Id} ", broken[1], StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private FleetRun Run(MigrateScope? scope = null, RunOptions? options = null) => new(_fleet, _state, options) { State = _server.At(), Scope = scope ?? new() { EtcdOnly = true } };

    private static CommandScope Scope(FakeFleet fleet, TempState state, CapturingReporter reporter, StatePlace place)
    {
        fleet.Time.Advance(TimeSpan.FromSeconds(1)); // a run's id has its second in it
        return new(fleet.Inventory, fleet, reporter, new FakeTerminal(), state.Path, fleet.Time, Yes: true, DryRun: false) { State = place };
    }

    /// <summary>What is at work on a node, or on the fleet: several nodes may be at work at a time.</summary>
    internal static JournalRecord? IntentOf(TempState state, string node) => state.Journals() is [.., var journal]
        ? Journal.Read(journal).LastOrDefault(record => record.Kind == JournalKind.Intent && (record.Step.Contains($"/{node}/", StringComparison.Ordinal) || record.Step.Contains($"/{StepId.WholeFleet}/", StringComparison.Ordinal)))
        : null;

    private static Action<RunEvent> Once(string step, Action does)
    {
        var done = false;
        return happened =>
        {
            if (!done && happened is RunEvent.StepStarted { Undoing: false, Id: { Stage: "A3", Node: "cp2" } id } && id.Step == step)
            {
                done = true;
                does();
            }
        };
    }
}
