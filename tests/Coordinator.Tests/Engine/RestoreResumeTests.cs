using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A coordinator dies anywhere in a restore: a second one finishes it, or, where something fails then, takes all of it back. Also one that knows nothing of the first.</summary>
public sealed class RestoreResumeTests
{
    private static readonly RunOptions Agreed = new() { AcceptLoss = true };

    public static TheoryData<string, string> EveryMoment() =>
    [
        .. from step in Restore.Build(Inventory.Of(3), RestoreFleet.Snapshot).Steps
           from moment in Enum.GetNames<Moment>()
           select new TheoryDataRow<string, string>(step.Id.ToString(), moment),
    ];

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Restore_AfterACoordinatorDied_FinishesTheWork(string step, string moment)
    {
        using var death = await DeathAsync(step, moment);
        if (death is null)
        {
            return; // the step found everything done: it has no such moment
        }

        var token = death.Fleet["cp1"].Restore is { InPlace: true, Token: var chosen } ? chosen : "";
        using var second = await new FleetRun(death.Fleet, death.State, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        RestoreRunTests.Done(death.Fleet, second);
        Assert.True(token.Length == 0 || token == death.Fleet["cp1"].Restore.Token, "data that were in place were restored once more");
    }

    /// <summary>The first coordinator's disk is gone with it; the agents' copies of its journal say that it never came to its end, also where they are through.</summary>
    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Restore_FromAnotherMachine_FinishesTheWork(string step, string moment)
    {
        using var death = await DeathAsync(step, moment);
        if (death is null)
        {
            return;
        }

        using var elsewhere = new TempState();
        var through = death.Fleet.Nodes.All(node => node.Restore.Ended) ? death.Fleet["cp1"].Restore.Token : "";
        using var second = await new FleetRun(death.Fleet, elsewhere, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        RestoreRunTests.Done(death.Fleet, second);
        Assert.True(through.Length == 0 || through == death.Fleet["cp1"].Restore.Token, "data that were in place were restored once more");
    }

    /// <summary>From another machine, and the start of the restored members fails there: what the first coordinator had begun is taken back as well.</summary>
    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Restore_AfterACoordinatorDied_FailsAndTakesItAllBack(string step, string moment)
    {
        using var death = await DeathAsync(step, moment);
        if (death is null || death.Fleet.Nodes.Any(node => node.Restore.Returned))
        {
            return; // past the point from which there is a way back
        }

        death.Fleet.With("GetMember", "cp3", new(FaultKind.VanishBeforeChange) { After = 1, Times = 1000, For = TimeSpan.FromMilliseconds(100) });
        using var elsewhere = new TempState();
        using var second = await new FleetRun(death.Fleet, elsewhere, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal((ExitCode.FailedAndUndone, ""), (second.Exit, second.Exit == ExitCode.FailedAndUndone ? "" : second.Why));
        RestoreRunTests.Untouched(death.Fleet);
        Assert.Empty(death.Fleet.Violations);
    }

    /// <summary>From another machine: the former data come back, unless clients have been given the restored ones; then all stays as it is.</summary>
    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Undo_AfterACoordinatorDied_TakesItAllBack(string step, string moment)
    {
        using var death = await DeathAsync(step, moment);
        if (death is null)
        {
            return;
        }

        var given = death.Fleet.Nodes.Any(node => node.Restore.Returned);
        using var elsewhere = new TempState();
        using var undo = await new FleetRun(death.Fleet, elsewhere, Agreed).UndoRestoreAsync();

        Assert.Equal((given ? ExitCode.Refused : ExitCode.Done, ""), (undo.Exit, undo.Exit is ExitCode.Refused or ExitCode.Done ? "" : undo.Why));
        Assert.Empty(death.Fleet.Violations);
        if (given)
        {
            return;
        }

        RestoreRunTests.Untouched(death.Fleet);
        Assert.All(death.Fleet.Nodes, node => Assert.True(node.Restore.Ended || node.Restore.Sha256.Length == 0));
        using var again = await new FleetRun(death.Fleet, elsewhere, Agreed).RestoreAsync(RestoreFleet.Snapshot);
        RestoreRunTests.Done(death.Fleet, again);
    }

    /// <summary>On the machine of the run that died: nothing of it is left to be gone on with.</summary>
    [Fact]
    public async Task Undo_ThatCameToItsEnd_SettlesTheRunThatDied()
    {
        using var death = (await DeathAsync("R2.3/fleet/start-restored", nameof(Moment.AfterReceipt)))!;
        var folders = new RunFolders(death.State.Path, death.Fleet.Time);
        Assert.NotNull(folders.FindUnfinished(death.Fleet.Inventory.Cluster, Restore.Procedure));

        using var undo = await new FleetRun(death.Fleet, death.State, Agreed).UndoRestoreAsync();

        Assert.Equal(ExitCode.Done, undo.Exit);
        Assert.Null(folders.FindUnfinished(death.Fleet.Inventory.Cluster, Restore.Procedure));
    }

    private static Task<Death?> DeathAsync(string step, string moment) => Death.AtAsync(
        step, Enum.Parse<Moment>(moment), new(), go: run => run.RestoreAsync(RestoreFleet.Snapshot), on: RestoreFleet.Of(), options: Agreed);
}
