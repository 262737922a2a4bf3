using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Leases;
using EtcdFleet.Agent.Operations;
using EtcdFleet.Agent.Schedules;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

using SnapshotSchedule = EtcdFleet.Agent.Schedules.SnapshotSchedule;

namespace EtcdFleet.Agent.Tests.Schedules;

/// <summary>The agent as it is, with a real etcd for its member; its clock is the test's.</summary>
public sealed class SnapshotScheduleTests : IAsyncLifetime
{
    private static readonly SnapshotSettings Settings = new() { Every = TimeSpan.FromHours(6), Keep = 1, KeepDays = 0, KeepVerified = 1 };

    private readonly AgentNode _node = new();
    private EtcdCluster _cluster = null!;
    private RunningAgent _agent = null!;
    private SnapshotSchedule _schedule = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static AgentOptions Options { get; } = new() { Snapshots = Settings };

    private SnapshotSchedule Schedule => _schedule;

    private SnapshotRecord Record => Of<SnapshotRecord>();

    private SnapshotFolder Folder => Of<SnapshotFolder>();

    /// <summary>The agent's own schedule is off, so that its clock's minutes do not take snapshots beside the test's.</summary>
    public async ValueTask InitializeAsync()
    {
        _cluster = await EtcdCluster.StartAsync(1, Token);
        _cluster[0].InstallPrograms();
        var etcd = _cluster[0];
        _agent = await _node.StartAsync(services => services
            .AddSingleton<EtcdFleet.Agent.Kube.IEtcdManifests>(etcd.Manifests).AddSingleton<IEtcdMembers>(etcd.Members).AddSingleton(etcd.Etcdutl));
        _schedule = new(
            Options, Of<VerbRunner>(), Of<ScheduledSnapshot>(), new(Options, Folder, Of<AuditLog>(), _node.Time), Record, Folder, Of<LocalMember>(), _node.Time, NullLogger<SnapshotSchedule>.Instance);
        ToTurn();
    }

    public async ValueTask DisposeAsync()
    {
        _schedule.Dispose();
        await _agent.DisposeAsync();
        await _cluster.DisposeAsync();
        _node.Dispose();
    }

    [Fact]
    public async Task Look_ItIsTheTurn_TakesOneRecordedAndAudited()
    {
        await Schedule.LookAsync(Token);

        var taken = Assert.Single(Folder.List());
        Assert.Matches(@"^etcd-\d{8}T\d{6}Z-schedule\.db$", taken.Name);
        Assert.True(taken is { Scheduled: true, Verified: true });
        Assert.Equal("", Record.State.Problem);
        Assert.Equal(["begin", "end"], _node.Audit.Where(record => record.Caller == "the agent's schedule").Select(record => record.What));
        Assert.Single(_node.Operations);
        var (_, metrics) = await _agent.AskAsync("/metrics", Token);
        Assert.Contains("etcdfleet_snapshot_last_success_timestamp", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_TwiceInATurn_TakesOne_AndInTheNextAnother()
    {
        await Schedule.LookAsync(Token);
        _node.Time.Advance(TimeSpan.FromMinutes(5));
        await Schedule.LookAsync(Token);
        var first = Assert.Single(Folder.List());

        _node.Time.Advance(TimeSpan.FromHours(6));
        await Schedule.LookAsync(Token);

        // And the first one is superfluous by these settings.
        Assert.NotEqual(first.Name, Assert.Single(Folder.List()).Name);
        Assert.Contains(_node.Audit, record => record.What == "removed" && record.Detail == first.Name);
    }

    [Fact]
    public async Task Look_NotTheTurn_TakesNone()
    {
        _node.Time.Advance(TimeSpan.FromHours(4));

        await Schedule.LookAsync(Token);

        Assert.Empty(Folder.List());
        Assert.NotNull(Record.State.Next);
    }

    [Fact]
    public async Task Look_SomebodyIsAtWork_WaitsAndTriesAgainInTheTurn()
    {
        using (Of<NodeLock>().TryTake("StashManifest A3/cp1/stash-manifest", out _))
        {
            await Schedule.LookAsync(Token);
            Assert.Empty(Folder.List());
        }

        _node.Time.Advance(TimeSpan.FromMinutes(1));
        await Schedule.LookAsync(Token);

        Assert.Single(Folder.List());
    }

    [Fact]
    public async Task Look_SomebodyIsAtWorkForTheWholeTurn_SaysThatItWasLeftOut()
    {
        using var held = Of<NodeLock>().TryTake("StashManifest A3/cp1/stash-manifest", out _);
        await Schedule.LookAsync(Token);
        _node.Time.Advance(TimeSpan.FromHours(4));

        await Schedule.LookAsync(Token);

        Assert.StartsWith("left out: StashManifest", Record.State.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_ARunHasTheNodesLease_WaitsUntilItIsReleased()
    {
        var (lease, caller) = (Of<NodeLease>(), new LeaseCaller("ann", "10.66.0.1:1", "AcquireLease"));
        lease.Acquire(new() { Run = "run-9", Cluster = "kkg", Holder = "ann", Fence = 9, TtlMs = 60_000 }, caller);
        await Schedule.LookAsync(Token);
        Assert.Empty(Folder.List());

        lease.Release(new() { Run = "run-9", Fence = 9 }, caller);
        await Schedule.LookAsync(Token);

        Assert.Single(Folder.List());
    }

    [Fact]
    public async Task Look_TheMemberIsAway_SaysSo()
    {
        await _cluster[0].Process!.KillAsync();

        await Schedule.LookAsync(Token);

        Assert.Contains("connection refused", Record.State.Problem, StringComparison.Ordinal);
        Assert.Empty(Folder.List());
        var listed = await new ListSnapshots(Folder, Options, Record).RunAsync(new(), VerbContext.Silent, Token);
        Assert.Equal((21_600L, Record.State.Problem), (listed.Schedule.Every.Seconds, listed.Schedule.Problem));
    }

    [Fact]
    public async Task Take_ACallerWhoCallsHisRunSchedule_IsNotTheSchedule()
    {
        using var channel = _agent.ConnectLocal();
        using var call = new SnapshotService.SnapshotServiceClient(channel).TakeSnapshot(new() { Operation = new() { Id = "operation-1", Run = "schedule", Step = "schedule/take-snapshot" } }, cancellationToken: Token);
        while (await call.ResponseStream.MoveNext(Token))
        {
        }

        Assert.False(Assert.Single(Folder.List()).Scheduled);
    }

    private T Of<T>()
        where T : notnull => _agent.Services.GetRequiredService<T>();

    /// <summary>To the beginning of this member's next turn, a minute in.</summary>
    private void ToTurn()
    {
        var now = _node.Time.GetUtcNow();
        _node.Time.Advance(new SnapshotTimes(Settings.Every, 0, 1).Next(now) - now + TimeSpan.FromMinutes(1));
    }
}
