using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A cluster of one member whose coordinator dies while etcd is stopped: nobody is left who could be asked what the cluster is (found by the fault matrix).</summary>
public sealed class OneMemberTests
{
    private static readonly RunOptions Accepted = new() { AcceptDowntime = true, EtcdOnly = true };

    public static TheoryData<string> WhileItIsDown() => ["A3/cp1/stash-manifest", "A3/cp1/await-pod-gone", "A3/cp1/chown-etcd-files"];

    [Theory]
    [MemberData(nameof(WhileItIsDown))]
    public async Task Migrate_AfterACoordinatorDied_FinishesTheJob_ByWhatTheDeadOneRecorded(string step)
    {
        using var death = await DeathAsync(step);

        using var second = await new FleetRun(death.Fleet, death.State, Accepted).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (second.Exit, second.Exit == ExitCode.Done ? "" : second.Why));
        Assert.True(death.Fleet.Nodes[0] is { UnitUp: true, Place: StaticPod.Types.Place.Stashed });
        Assert.Equal(death.Before, second.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A3/fleet/same-cluster" }).Facts!["revision_before"]);
        var snapshot = second.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A1/fleet/take-snapshot" });
        Assert.Contains("the snapshot that it took before counts", snapshot.Summary, StringComparison.Ordinal);
        Assert.Equal(64, snapshot.Facts!["sha256"].Length);
    }

    [Theory]
    [MemberData(nameof(WhileItIsDown))]
    public async Task Rollback_AfterACoordinatorDied_IsTheWayBack(string step)
    {
        using var death = await DeathAsync(step);

        using var back = await new FleetRun(death.Fleet, death.State, Accepted).RollbackAsync();

        Assert.Equal((ExitCode.Done, ""), (back.Exit, back.Exit == ExitCode.Done ? "" : back.Why));
        Assert.True(death.Fleet.Nodes[0] is { UnitUp: false, Place: StaticPod.Types.Place.InUse, Owner: "root" });
        Assert.Contains("left it half-way", back.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A1/fleet/record-cluster" }).Summary, StringComparison.Ordinal);
    }

    /// <summary>What a run that ended well has recorded is no answer to a member that is down today.</summary>
    [Fact]
    public async Task Rollback_OfAFinishedMigrationWhoseMemberIsDown_IsRefused()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(1));
        using var first = await new FleetRun(fleet, state, Accepted).MigrateAsync();
        Assert.Equal(ExitCode.Done, first.Exit);
        fleet.Nodes[0].UnitActive = "failed";

        using var back = await new FleetRun(fleet, state, Accepted).RollbackAsync();

        Assert.Equal(ExitCode.Refused, back.Exit);
        Assert.DoesNotContain("half-way", string.Join('\n', back.Records.Select(record => record.Summary)), StringComparison.Ordinal);
    }

    /// <summary>'snapshot save' wants a new one: an old one is not passed off as it.</summary>
    [Fact]
    public async Task SnapshotSave_WhileItIsDown_IsRefused()
    {
        using var death = await DeathAsync("A3/cp1/chown-etcd-files");

        using var saved = await new FleetRun(death.Fleet, death.State, Accepted).SaveAsync();

        Assert.Equal(ExitCode.Refused, saved.Exit);
        Assert.Contains("no member is healthy, expected at least one to take the snapshot from", saved.Why, StringComparison.Ordinal);
    }

    private static async Task<Death> DeathAsync(string step) =>
        (await Death.AtAsync(step, Moment.AfterReceipt, new() { EtcdOnly = true }, on: new FakeFleet(Inventory.Of(1)), options: Accepted))!;
}
