using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A coordinator dies, at every step and at every moment of it; a second migrate finishes the job, or undoes all of the lane.</summary>
public sealed class ResumeTests
{
    public static TheoryData<string, string> EveryMoment() =>
    [
        .. from step in Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps
           from moment in Enum.GetNames<Moment>()
           select new TheoryDataRow<string, string>(step.Id.ToString(), moment),
    ];

    public static TheoryData<string, string> EveryMomentOfACutOver() =>
    [
        .. from step in Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps
           where step.Id.Stage == "A3" && step.Id.Node != StepId.WholeFleet
           from moment in Enum.GetNames<Moment>()
           select new TheoryDataRow<string, string>(step.Id.ToString(), moment),
    ];

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Migrate_AfterACoordinatorDied_FinishesTheJob(string step, string moment)
    {
        using var death = await DeathAsync(step, Enum.Parse<Moment>(moment));
        if (death is null)
        {
            return; // the step found everything done: it has no such moment
        }

        var fleet = death.Fleet;
        using var second = await new FleetRun(fleet, death.State).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (second.Exit, second.Exit == ExitCode.Done ? "" : second.Why));
        Assert.Empty(fleet.Violations);
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.Stashed, "active", "etcd"), (node.Place, node.UnitActive, node.Owner)));
        Assert.Equal("run-ended 0", second.Lines[^1]);
        if (death.Before is { } before)
        {
            // The proof is against the cluster as it was before the first run changed anything.
            Assert.Equal(before, second.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A3/fleet/same-cluster" }).Facts!["revision_before"]);
        }
    }

    /// <summary>Another machine's coordinator, without the journal of the one that died: the nodes themselves say how far they are.</summary>
    [Theory]
    [MemberData(nameof(EveryMomentOfACutOver))]
    public async Task Migrate_FromAnotherMachine_FinishesTheJob(string step, string moment)
    {
        using var death = await DeathAsync(step, Enum.Parse<Moment>(moment));
        if (death is null)
        {
            return;
        }

        using var elsewhere = new TempState();
        using var second = await new FleetRun(death.Fleet, elsewhere).MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (second.Exit, second.Exit == ExitCode.Done ? "" : second.Why));
        Assert.Empty(death.Fleet.Violations);
        Assert.All(death.Fleet.Nodes, node => Assert.True(node.UnitUp));
    }

    [Theory]
    [MemberData(nameof(EveryMomentOfACutOver))]
    public async Task Migrate_AfterACoordinatorDiedAndItsNextStepFails_TheWholeLaneIsUndone(string step, string moment)
    {
        using var death = await DeathAsync(step, Enum.Parse<Moment>(moment));
        if (death is null)
        {
            return;
        }

        var (fleet, name) = (death.Fleet, step.Split('/')[1]);
        var node = fleet[name];
        var finished = step.EndsWith("/members-agree", StringComparison.Ordinal) && moment == nameof(Moment.AfterReceipt);
        var others = fleet.Nodes.Where(other => other != node).Select(other => other with { }).ToList();
        using var second = new FleetRun(fleet, death.State);
        Sabotage.At(second, fleet, name, node.UnitUp ? "etcd-healthy" : node.Place == StaticPod.Types.Place.Stashed ? "start-etcd" : "stash-manifest");

        await second.MigrateAsync();

        Assert.Equal(finished ? ExitCode.Refused : ExitCode.FailedAndUndone, second.Exit);
        if (finished)
        {
            // All gates had been green: the node is not taken back for what comes over it later.
            Assert.Equal((StaticPod.Types.Place.Stashed, "active"), (node.Place, node.UnitActive));
            return;
        }

        Assert.Empty(fleet.Violations);
        Assert.Equal((StaticPod.Types.Place.InUse, "inactive", "root", true), (node.Place, node.UnitActive, node.Owner, node.PodUp(fleet.Now)));
        Assert.Equal(others.Select(other => (other.Name, other.Place, other.UnitActive)), fleet.Nodes.Where(other => other != node).Select(other => (other.Name, other.Place, other.UnitActive)));
    }

    /// <summary>The half-way node's own gate at the start is red: its member comes back, and nobody else is touched.</summary>
    [Fact]
    public async Task Migrate_HalfWayAndAnotherMemberGoesDown_TheNodeIsBackOnItsPod()
    {
        using var death = await DeathAsync("A3/cp2/chown-etcd-files", Moment.AfterReceipt);
        var fleet = death!.Fleet;
        fleet.MayBeDown = 2; // the second one is not the tool's doing
        using var second = new FleetRun(fleet, death.State);
        second.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Id: { Node: "cp2", Step: "others-healthy" } })
            {
                fleet["cp3"].Sick = "no answer";
            }
            else if (happened is RunEvent.StepStarted { Undoing: true })
            {
                fleet["cp3"].Sick = "";
            }
        };

        await second.MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, second.Exit);
        Assert.Equal((StaticPod.Types.Place.InUse, "root"), (fleet["cp2"].Place, fleet["cp2"].Owner));
    }

    /// <summary>A2 on a node whose manifest is stashed: what is installed is all that it has, and no undo takes it away.</summary>
    [Fact]
    public async Task Migrate_HalfWay_NothingOfItsInstallationIsTouched()
    {
        using var death = await DeathAsync("A3/cp2/stash-manifest", Moment.AfterReceipt);
        var fleet = death!.Fleet.With("InstallUnit", "cp3", new(FaultKind.Fail));
        using var second = await new FleetRun(fleet, death.State).MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, second.Exit);
        Assert.Equal(["already-done A2/cp2/install-release", "already-done A2/cp2/write-etcd-env", "already-done A2/cp2/install-unit"], second.LinesOf("A2/cp2"));
        Assert.True(fleet["cp2"].UnitInstalled);
    }

    [Fact]
    public async Task Migrate_TheThirdRunAfterTwoDied_StillComparesWithTheFirst()
    {
        using var first = await DeathAsync("A3/cp2/await-pod-gone", Moment.AfterIntent);
        using var second = await DeathAsync("A1/fleet/check-fleet", Moment.AfterReceipt, first);
        using var third = await new FleetRun(second!.Fleet, second.State).MigrateAsync();

        Assert.Equal(ExitCode.Done, third.Exit);
        Assert.Equal(first!.Before, third.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A3/fleet/same-cluster" }).Facts!["revision_before"]);
    }

    [Fact]
    public async Task Migrate_ARefusedRunInBetween_SettlesNothing()
    {
        using var first = await DeathAsync("A3/cp2/await-pod-gone", Moment.AfterIntent);
        first!.Fleet["cp3"].AwayUntil = first.Fleet.Now + TimeSpan.FromSeconds(30);
        using var refused = await new FleetRun(first.Fleet, first.State).MigrateAsync();
        Assert.Equal(ExitCode.Refused, refused.Exit);
        first.Fleet.Time.Advance(TimeSpan.FromMinutes(1));

        using var third = await new FleetRun(first.Fleet, first.State).MigrateAsync();

        Assert.Equal(ExitCode.Done, third.Exit);
        Assert.Equal(first.Before, third.Records.Single(record => record is { Kind: JournalKind.Receipt, Step: "A3/fleet/same-cluster" }).Facts!["revision_before"]);
    }

    [Fact]
    public async Task Migrate_TheDeadRunHadChangedNothing_TheClusterIsRecordedAnew()
    {
        using var death = await DeathAsync("A1/fleet/take-snapshot", Moment.AfterReceipt);
        death!.Fleet.Time.Advance(TimeSpan.FromDays(30));
        using var second = await new FleetRun(death.Fleet, death.State).MigrateAsync();

        Assert.Equal(ExitCode.Done, second.Exit);
        Assert.Contains("receipt A1/fleet/record-cluster", second.Lines);
    }

    private static Task<Death?> DeathAsync(string step, Moment moment, Death? after = null) => Death.AtAsync(step, moment, new() { EtcdOnly = true }, after);
}
