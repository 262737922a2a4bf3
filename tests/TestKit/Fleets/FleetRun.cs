using EtcdFleet.Coordinator;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.States;

namespace EtcdFleet.TestKit;

/// <summary>A migration on a simulated fleet, from its lock to its last journal line.</summary>
internal sealed class FleetRun(FakeFleet fleet, TempState state, RunOptions? options = null) : IDisposable
{
    private string _only = "";

    public CapturingReporter Reporter { get; } = new();

    public CancellationTokenSource Operator { get; } = new();

    public ExitCode Exit { get; private set; }

    public IReadOnlyList<JournalRecord> Records { get; private set; } = [];

    /// <summary>Kinds and step paths, and the exit code at the end.</summary>
    public IReadOnlyList<string> Lines => [.. Records.Select(Line)];

    /// <summary>The lines of one lane: "A3/cp1".</summary>
    public IReadOnlyList<string> LinesOf(string lane) => [.. Lines.Where(line => line.Contains($" {lane}/", StringComparison.Ordinal))];

    public string Why => Records[^1].Summary;

    /// <summary>A1 to A3, or all of flow A in one of its orders.</summary>
    public MigrateScope Scope { get; init; } = new() { EtcdOnly = true };

    /// <summary>The etcd that keeps lock and journal as well; null: none.</summary>
    public StatePlace? State { get; init; }

    public Task<FleetRun> MigrateAsync(params string[] only)
    {
        _only = string.Join(",", only);
        return RunAsync(Migrate.Build(fleet.Inventory, Scope with { Only = [.. fleet.Inventory.ControlPlane.Where(node => only.Contains(node.Name))] }));
    }

    public Task<FleetRun> RollbackAsync() => RunAsync(Rollback.Build(fleet.Inventory, (options ?? new()).EtcdOnly));

    public Task<FleetRun> RestoreAsync(LocalSnapshot snapshot) => RunAsync(Restore.Build(fleet.Inventory, snapshot), (_, journal) => RestoreEvidence.Show(Reporter, journal));

    public Task<FleetRun> UndoRestoreAsync() => RunAsync(UndoRestore.Build(fleet.Inventory), (_, _) => { });

    public Task<FleetRun> SaveAsync() => RunAsync(Snapshots.Save(fleet.Inventory, Snapshots.Folder(state.Path), new() { To = [], ToNodes = false }), (_, _) => { });

    private async Task<FleetRun> RunAsync(Plan plan, Action<Plan, IReadOnlyList<JournalRecord>>? evidence = null)
    {
        // A run's id has its second in it, and a coordinator does not come back within one.
        fleet.Time.Advance(TimeSpan.FromSeconds(1));
        var session = new RunSession(state.Path, fleet.Inventory, fleet, Reporter, fleet.Time, State);
        Task<ExitCode> GoAsync() => session.RunAsync(plan, options ?? new(), Arguments(), evidence ?? ((done, journal) => MigrateEvidence.Show(Reporter, done, journal)), Operator.Token);
        Exit = await (State is null ? GoAsync() : OneThread.RunAsync(GoAsync));
        Records = Reporter.Events.OfType<RunEvent.RunStarted>().LastOrDefault() is { } started ? Journal.Read(Path.Combine(started.Journal, RunFolders.JournalName)) : [];
        return this;
    }

    public void Dispose() => Operator.Dispose();

    /// <summary>What an operator would have typed, so that the run can be resumed.</summary>
    private Dictionary<string, string> Arguments() => new()
    {
        ["nodes"] = _only, ["etcd_only"] = Scope.EtcdOnly ? "true" : "false", ["order"] = Scope.Order.ToString(), ["accept_downtime"] = "false",
    };

    private static string Line(JournalRecord record) => record.Kind == JournalKind.RunEnded
        ? $"{record.Kind} {record.Exit}"
        : record.Step.Length > 0 ? $"{record.Kind} {record.Step}" : record.Kind;
}
