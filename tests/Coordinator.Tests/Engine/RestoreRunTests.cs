using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A restore of a simulated fleet: to its end, refused, and undone wherever it fails.</summary>
public sealed class RestoreRunTests
{
    private static readonly RunOptions Agreed = new() { AcceptLoss = true };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Restore_OfAWorkingCluster_ReplacesItsData(int nodes)
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of(nodes);

        using var run = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Done(fleet, run);
        var rows = Assert.Single(run.Reporter.Events.OfType<RunEvent.EvidenceShown>()).Rows.DistinctBy(row => row[0]).ToDictionary(row => row[0], row => row[1]);
        Assert.Equal((RestoreFleet.Sha256, "9000", "42"), (rows["SHA-256"], rows["revision in it"], rows["keys in it"]));
        Assert.Matches(@"^\d+\.\d s$", rows["Kubernetes API away"]);
    }

    [Fact]
    public async Task Restore_OfAWorkingCluster_IsRefusedWithoutAWordForTheLoss()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();

        using var run = await new FleetRun(fleet, state).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.Matches(@"the cluster has quorum and is at revision \d+; the snapshot is at 9000, of 2026-11-23 03:15Z: \d+ revisions written since then will be gone; expected .*--accept-loss", run.Why);
        Untouched(fleet);
    }

    [Fact]
    public async Task Restore_WithoutQuorum_NeedsNoSuchWord()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.WithoutQuorum();

        using var run = await new FleetRun(fleet, state).RestoreAsync(RestoreFleet.Snapshot);

        Done(fleet, run);
        Assert.Equal(["member.set-aside-cp1", "", ""], fleet.Nodes.Select(node => node.Restore.SetAside));
    }

    [Fact]
    public async Task Restore_AnAgentIsAway_IsRefusedAndNamesIt()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        fleet["cp2"].AwayUntil = DateTimeOffset.MaxValue;

        using var run = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.Contains(run.Reporter.Findings, finding => finding is { Check: "agent", Node: "cp2", Severity: EtcdFleet.Coordinator.Checks.Severity.Refusal });
        Untouched(fleet);
    }

    /// <summary>Every verb before the API is back, on one node of three: what is undone is the whole fleet.</summary>
    [Theory]
    [InlineData("PrepareRestore", nameof(FaultKind.FailAfterChange), 3)]
    [InlineData("StopControlPlane", nameof(FaultKind.Fail), 4)]
    [InlineData("StopControlPlane", nameof(FaultKind.Refuse), 4)]
    [InlineData("StopControlPlane", nameof(FaultKind.VanishAfterChange), 4)]
    [InlineData("AwaitControlPlaneGone", nameof(FaultKind.Fail), 4)]
    [InlineData("StopForRestore", nameof(FaultKind.Fail), 4)]
    [InlineData("StopForRestore", nameof(FaultKind.Refuse), 4)]
    [InlineData("StopForRestore", nameof(FaultKind.VanishAfterChange), 4)]
    [InlineData("SwapDataDir", nameof(FaultKind.FailAfterChange), 4)]
    [InlineData("SwapDataDir", nameof(FaultKind.Refuse), 4)]
    [InlineData("SwapDataDir", nameof(FaultKind.VanishBeforeChange), 4)]
    [InlineData("StartUnit", nameof(FaultKind.Fail), 4)]
    [InlineData("StartUnit", nameof(FaultKind.VanishAfterChange), 4)]
    public async Task Restore_OneNodeFails_AllNodesGoBack(string rpc, string kind, int exit)
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of().With(rpc, "cp2", new(Enum.Parse<FaultKind>(kind)) { For = TimeSpan.FromSeconds(5) });

        using var run = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal((exit, ""), ((int)run.Exit, string.Join("; ", fleet.Violations)));
        Untouched(fleet);
        using var again = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);
        Done(fleet, again);
    }

    [Fact]
    public async Task Restore_TheRestoredMembersDoNotAgree_AllNodesGoBack()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        using var run = new FleetRun(fleet, state, Agreed);
        run.Reporter.On = happened => fleet["cp3"].Corrupt = happened is RunEvent.StepStarted { Undoing: false } started ? started.Id.ToString().EndsWith("restored-cluster", StringComparison.Ordinal) : fleet["cp3"].Corrupt;

        await run.RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Untouched(fleet);
    }

    [Fact]
    public async Task Restore_WithoutQuorum_FailsAndGoesBackToWhatThereWas()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.WithoutQuorum().With("StartUnit", "cp3", new(FaultKind.Fail));

        using var run = await new FleetRun(fleet, state).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Assert.All(fleet.Nodes, node => Assert.Equal((false, false, true), (node.Restore.InPlace, node.Restore.Stashed, node.Restore.Ended)));
        Assert.Contains(run.Records, record => record.Summary.Contains("left stopped, because it did not work before: cp1, cp2, cp3", StringComparison.Ordinal));
    }

    /// <summary>From here on clients may have written: there is no way back, and the run says so.</summary>
    [Fact]
    public async Task Restore_AnApiServerStaysAway_IsLeftToHandsAndCanBeGoneOnWith()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        using var run = new FleetRun(fleet, state, Agreed);
        run.Reporter.On = happened => fleet["cp2"].ApiServer.Down |= happened is RunEvent.StepStarted { Id.Step: "api-servers-ready" };
        await run.RestoreAsync(RestoreFleet.Snapshot);
        Assert.Equal(ExitCode.UndoFailed, run.Exit);
        Assert.All(fleet.Nodes, node => Assert.True(node.Restore.InPlace && node.UnitUp));
        var tokens = fleet.Nodes.Select(node => node.Restore.Token).ToList();
        fleet["cp2"].ApiServer.Down = false;

        using var again = await new FleetRun(fleet, state).RestoreAsync(RestoreFleet.Snapshot);

        Done(fleet, again);
        Assert.Equal(tokens, fleet.Nodes.Select(node => node.Restore.Token));
    }

    /// <summary>The restored cluster has another id than the snapshot's by then, and that is no reason to refuse.</summary>
    [Theory]
    [InlineData("StartControlPlane", nameof(FaultKind.VanishBeforeChange))]
    [InlineData("StartControlPlane", nameof(FaultKind.VanishAfterChange))]
    [InlineData("EndRestore", nameof(FaultKind.VanishBeforeChange))]
    [InlineData("EndRestore", nameof(FaultKind.VanishAfterChange))]
    public async Task Restore_AnAgentIsAwayForAMomentOnceTheApiComesBack_IsAskedAgain(string rpc, string kind)
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of().With(rpc, "cp2", new(Enum.Parse<FaultKind>(kind)) { For = TimeSpan.FromSeconds(5) });

        using var run = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Done(fleet, run);
    }

    [Fact]
    public async Task Restore_Twice_IsRefusedWithoutAWordForTheOtherCluster()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        using var first = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        using var second = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.Refused, second.Exit);
        Assert.Contains("the snapshot is of cluster c1", second.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_Twice_GivesTheClusterANewTokenEachTime()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        using var first = await new FleetRun(fleet, state, Agreed).RestoreAsync(RestoreFleet.Snapshot);
        var token = fleet["cp1"].Restore.Token;

        using var second = await new FleetRun(fleet, state, Agreed with { AcceptOtherCluster = fleet.Inventory.Cluster }).RestoreAsync(RestoreFleet.Snapshot);

        Done(fleet, second);
        Assert.NotEqual(token, fleet["cp1"].Restore.Token);
    }

    [Fact]
    public async Task Restore_ThatTheOperatorStops_GoesBack()
    {
        using var state = new TempState();
        var fleet = RestoreFleet.Of();
        using var run = new FleetRun(fleet, state, Agreed);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepEnded { Id.Step: "stop-for-restore", Undoing: false })
            {
                run.Operator.Cancel();
            }
        };

        await run.RestoreAsync(RestoreFleet.Snapshot);

        Assert.Equal(ExitCode.Cancelled, run.Exit);
        Untouched(fleet);
    }

    internal static void Done(FakeFleet fleet, FleetRun run)
    {
        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.Empty(fleet.Violations);
        Assert.Single(fleet.Nodes.Select(node => node.Restore.Token).Distinct());
        Assert.All(fleet.Nodes, node => Assert.Equal((true, true, true, false), (node.UnitUp, node.Restore.InPlace, node.Restore.Ended, node.Restore.Stashed)));
        Assert.True(fleet.Revision >= FakeRestores.Revision + 1_000_000_000);
    }

    internal static void Untouched(FakeFleet fleet) =>
        Assert.All(fleet.Nodes, node => Assert.Equal((true, false, false, StaticPod.Types.Place.Stashed), (node.UnitUp, node.Restore.InPlace, node.Restore.Stashed, node.Place)));
}
