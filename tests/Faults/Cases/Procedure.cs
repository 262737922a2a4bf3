using EtcdFleet.Coordinator;
using EtcdFleet.Coordinator.Cli;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Faults.Cases;

/// <summary>A procedure that the matrix goes through. A new one is one line in <see cref="All"/>; its steps come from its plan.</summary>
internal sealed record Procedure
{
    /// <summary>In the names of cases.</summary>
    public required string Name { get; init; }

    /// <summary>As the journal names it.</summary>
    public required string Command { get; init; }

    /// <summary>As the command line makes it.</summary>
    public required Func<CommandScope, RunOptions, Change> Change { get; init; }

    /// <summary>How the fleet is after it.</summary>
    public required FleetState End { get; init; }

    /// <summary>What makes the fleet that it starts on; null: a stacked one.</summary>
    public Procedure? Before { get; init; }

    /// <summary>The way back, by name.</summary>
    public required string BackName { get; init; }

    public Procedure Back => Named(BackName);

    public int Nodes { get; init; } = 3;

    /// <summary>It puts etcd back to a snapshot: what was written since is gone by intention, and all members are stopped while nobody is served.</summary>
    public bool Restores { get; init; }

    /// <summary>Two disks of three are gone before it begins.</summary>
    public bool LosesQuorum { get; init; }

    /// <summary>It takes an unfinished restore back; where that has gone too far, it refuses.</summary>
    public bool Undoes { get; init; }

    /// <summary>What comes before it is left in the middle: its coordinator dies when this step has its receipt. Null: it comes to its end.</summary>
    public StepId? LeftAfter { get; init; }

    /// <summary>Runs it as its command does: a restore's finds its snapshot first.</summary>
    public Task<ExitCode> RunAsync(CommandScope scope, RunOptions options, string snapshot) => Restores && !Undoes
        ? new Operations().RestoreAsync(scope, new(snapshot, options), CancellationToken.None)
        : Change(scope, options).RunAsync(scope, CancellationToken.None);

    private static Procedure Migration(string name, FleetState end, MigrateOrder order = MigrateOrder.Pep, bool etcdOnly = false, int nodes = 3) => new()
    {
        Name = name, Command = Migrate.Procedure, End = end, BackName = "rollback", Nodes = nodes,
        Change = (scope, options) => Changes.Migrate(scope, new([], options) { Order = order, EtcdOnly = etcdOnly }, []),
    };

    private static Procedure Restoration(string name, string back) =>
        new() { Name = name, Command = Restore.Procedure, End = FleetState.Migrated, Restores = true, Change = (scope, options) => Changes.Restore(scope, AnySnapshot, options), BackName = back, Before = Saved };

    /// <summary>What its plan is built of, whatever the snapshot.</summary>
    private static readonly LocalSnapshot AnySnapshot = new("/nonexistent/etcd.db", new() { Name = "etcd.db", Taken = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch) });

    /// <summary>A migrated fleet with a snapshot.</summary>
    private static Procedure Saved { get; } = new()
    {
        Name = "snapshot-save", Command = Snapshots.SaveProcedure, End = FleetState.Migrated, BackName = "", Before = Migration("migrate", FleetState.Migrated),
        Change = (scope, _) => Snapshots.SaveChange(scope, new() { To = [], ToNodes = false }),
    };

    public static IReadOnlyList<Procedure> All { get; } =
    [
        Migration("migrate", FleetState.Migrated),
        Migration("migrate-apiserver-first", FleetState.Migrated, MigrateOrder.ApiServerFirst),
        Migration("migrate-etcd-only", FleetState.EtcdMoved, etcdOnly: true),
        new() { Name = "rollback", Command = Rollback.Procedure, End = FleetState.Stacked, Change = (scope, options) => Changes.Rollback(scope, options), BackName = "migrate", Before = Migration("migrate", FleetState.Migrated) },
        Restoration("restore", "restore-undo"),
        Restoration("restore-quorum-lost", "restore-undo-quorum-lost") with { LosesQuorum = true },
        RestoreUndo("restore-undo", FleetState.Migrated, "restore") with { Before = Restoration("restore", "restore-undo"), LeftAfter = new("R2.3", StepId.WholeFleet, "start-restored") },
        Saved with { BackName = "rollback", Change = (scope, _) => Snapshots.SaveChange(scope, new() { To = [], ToNodes = true }) },
        Migration("migrate-one-node", FleetState.Migrated, nodes: 1),
        Migration("migrate-five-nodes", FleetState.Migrated, nodes: 5),
    ];

    /// <summary>The way back of a restore that was begun.</summary>
    private static Procedure RestoreUndo(string name, FleetState end, string back) => new() { Name = name, Command = UndoRestore.Procedure, End = end, Restores = true, Undoes = true, Change = (scope, options) => Changes.UndoRestore(scope, options), BackName = back };

    public static Procedure Named(string name) => All.Append(RestoreUndo("restore-undo-quorum-lost", FleetState.QuorumLost, "restore-quorum-lost")).Single(procedure => procedure.Name == name);
}

/// <summary>What a fleet is like.</summary>
internal enum FleetState
{
    /// <summary>etcd in static Pods, apiservers with their own.</summary>
    Stacked,

    /// <summary>etcd under systemd; kubeadm and the apiservers know nothing of it.</summary>
    EtcdMoved,

    /// <summary>All of flow A.</summary>
    Migrated,

    /// <summary>The same, with etcd's data on the first node alone.</summary>
    QuorumLost,
}
