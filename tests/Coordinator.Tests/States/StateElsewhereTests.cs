using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>A coordinator dies, its disk is gone and the agents have lost their copies: the state's etcd alone knows of the run.</summary>
public sealed class StateElsewhereTests : IAsyncLifetime
{
    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3));
    private StateServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StateServer.StartAsync(Cancel);

    public static TheoryData<string> Deaths() => ["A1/fleet/take-snapshot", "A2/cp2/install-unit", "A3/cp1/stash-manifest", "A3/cp2/chown-etcd-files", "A3/cp3/start-etcd"];

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task Resume_FromAnotherMachine_WithTheStatesEtcdAlone_FinishesTheJob(string step)
    {
        var (fleet, place) = await DeathAtAsync(step);
        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();

        var exit = await OneThread.RunAsync(() => new Operations().ResumeAsync(Scope(fleet, elsewhere, reporter, place), "", new(), Cancel));

        Assert.Equal((ExitCode.Done, ""), (exit, string.Join("; ", reporter.Errors.Select(error => error.Message))));
        Assert.Empty(fleet.Violations);
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.Stashed, "active", "etcd"), (node.Place, node.UnitActive, node.Owner)));
        Assert.Equal(2, elsewhere.Journals().Count);
    }

    [Fact]
    public async Task Rollback_FromAnotherMachine_TakesEverythingBack()
    {
        var (fleet, place) = await DeathAtAsync("A3/cp2/chown-etcd-files");
        using var elsewhere = new TempState();
        using var back = await new FleetRun(fleet, elsewhere) { State = place }.RollbackAsync();

        Assert.Equal((ExitCode.Done, ""), (back.Exit, back.Exit == ExitCode.Done ? "" : back.Why));
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.InUse, "root", true), (node.Place, node.Owner, node.PodUp(fleet.Now))));
        Assert.Equal(2, elsewhere.Journals().Count);
    }

    [Fact]
    public async Task Status_FromAnotherMachine_NamesTheLockAndTheUnfinishedRun()
    {
        var (fleet, place) = await DeathAtAsync("A3/cp2/chown-etcd-files");
        using var elsewhere = new TempState();
        var reporter = new CapturingReporter();

        Assert.Equal(ExitCode.Done, await new Operations().StatusAsync(Scope(fleet, elsewhere, reporter, place), Cancel));

        var said = reporter.Events.OfType<RunEvent.Note>().Select(note => note.Text).ToList();
        var run = Path.GetFileName(Path.GetDirectoryName(Assert.Single(elsewhere.Journals())));
        Assert.Contains(said, text => text.StartsWith($"{place.Address}: the lock is that of run {run} (", StringComparison.Ordinal));
        Assert.Contains($"run {run} has no last word: it is at work, or its coordinator died, and then 'etcdfleet resume' goes on", said);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _state.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static CommandScope Scope(FakeFleet fleet, TempState state, CapturingReporter reporter, StatePlace place)
    {
        fleet.Time.Advance(TimeSpan.FromSeconds(1)); // a run's id has its second in it
        return new(fleet.Inventory, fleet, reporter, new FakeTerminal(), state.Path, fleet.Time, Yes: true, DryRun: false) { State = place };
    }

    /// <summary>The machines and that etcd as they are when a coordinator dies after a step's change; the agents have lost their copies of the journal.</summary>
    private async Task<(FakeFleet Fleet, StatePlace Place)> DeathAtAsync(string step)
    {
        FakeFleet? left = null;
        using var first = new FleetRun(_fleet, _state) { State = _server.At() };
        _fleet.OnCall = (_, node, done) =>
        {
            if (done && StateRunTests.IntentOf(_state, node)?.Step == step)
            {
                left = _fleet.Clone();
                OneThread.Meanwhile(() => CopyAsync("/etcdfleet", "/then"));
            }
        };
        await first.MigrateAsync();
        Assert.NotNull(left);
        left.Nodes.ToList().ForEach(node => node.Runs.Files.Clear());
        return (left, _server.At("/then"));
    }

    /// <summary>All keys under another prefix; the lock bound to a lease that nobody renews.</summary>
    private async Task CopyAsync(string from, string to)
    {
        using var there = _server.Open();
        await _server.CtlAsync("del", "--prefix", to);
        var lease = await there.GrantAsync(TimeSpan.FromSeconds(2), Cancel);
        foreach (var found in await there.ListAsync($"{from}/", Cancel))
        {
            await there.CommitAsync(new() { Success = { new Etcdserverpb.RequestOp { RequestPut = new() { Key = StateKeys.Key(to + found.Key.ToStringUtf8()[from.Length..]), Value = found.Value, Lease = found.Lease == 0 ? 0 : lease } } } }, Cancel);
        }
    }
}
