using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Leases;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>One run's lock and journal at a real etcd, without an engine around them.</summary>
internal sealed class StateBench : IDisposable
{
    private readonly TempState _folder = new();
    private readonly Journal _journal;
    private readonly StateJournal _there;
    private readonly string _procedure;

    /// <param name="server">The etcd.</param>
    /// <param name="id">Of the run.</param>
    /// <param name="options">Of the run; its lease lasts 2 s unless they say otherwise.</param>
    /// <param name="procedure">What the lock is for.</param>
    public StateBench(StateServer server, string id, RunOptions? options = null, string procedure = "migrate")
    {
        _procedure = procedure;
        Etcd = server.Open();
        Run = new(id, Path.Combine(_folder.Path, "runs", id), Inventory.Of(3), options ?? new() { LeaseTtl = TimeSpan.FromSeconds(2) }, InheritedSteps.None);
        _there = new(Etcd, Run, Reporter, TimeProvider.System);
        _journal = Journal.Begin(Run.Folder, TimeProvider.System, _there);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static StateKeys Keys { get; } = new("/etcdfleet", "kkg");

    public StateEtcd Etcd { get; }

    public Run Run { get; }

    public CapturingReporter Reporter { get; } = new();

    public StateJournal There => _there;

    public string File => Path.Combine(Run.Folder, RunFolders.JournalName);

    public string LocalState => _folder.Path;

    public IReadOnlyList<JournalRecord> Records => Journal.Read(File);

    public void Write(string kind, string summary = "", string step = "") => _journal.Write(new() { Kind = kind, Summary = summary, Step = step, Cluster = kind == JournalKind.RunStarted ? "kkg" : "", Procedure = kind == JournalKind.RunStarted ? "migrate" : "" });

    public Task KeptAsync() => _journal.KeptAsync(Cancel);

    public Task<StateLock> TakeAsync() => _there.Taking(_procedure, new LeaseRecord(_journal, Reporter)).TakeAsync(Cancel);

    /// <summary>Who is in the key now; null: nobody.</summary>
    public async Task<StateHolder?> HolderAsync() => await Etcd.FindAsync(Keys.Lock, Cancel) is { } present ? StateHolder.Of(present.Value) : null;

    public void Dispose()
    {
        _journal.Dispose();
        _there.Dispose();
        Etcd.Dispose();
        _folder.Dispose();
    }
}
