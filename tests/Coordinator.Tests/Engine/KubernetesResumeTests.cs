using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A coordinator dies anywhere in all of flow A, in either order: a second migrate finishes it, and a rollback takes it all back.</summary>
public sealed class KubernetesResumeTests
{
    private const string AllEndpoints = "https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379";

    public static TheoryData<string, string, string> EveryMoment() =>
    [
        .. from order in Enum.GetValues<MigrateOrder>()
           from step in Migrate.Build(Inventory.Of(3), new() { Order = order }).Steps
           from moment in Enum.GetNames<Moment>()
           select new TheoryDataRow<string, string, string>(order.ToString(), step.Id.ToString(), moment),
    ];

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Migrate_AfterACoordinatorDied_FinishesTheJob(string order, string step, string moment)
    {
        var scope = new MigrateScope { Order = Enum.Parse<MigrateOrder>(order) };
        using var death = await Death.AtAsync(step, Enum.Parse<Moment>(moment), scope);
        if (death is null)
        {
            return; // the step found everything done: it has no such moment
        }

        using var second = await new FleetRun(death.Fleet, death.State) { Scope = scope }.MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (second.Exit, second.Exit == ExitCode.Done ? "" : second.Why));
        Assert.Empty(death.Fleet.Violations);
        Assert.Equal(AllEndpoints, death.Fleet.External);
        Assert.All(death.Fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.Stashed, "active", "etcd", AllEndpoints), (node.Place, node.UnitActive, node.Owner, node.ApiServer.Manifest)));
    }

    [Theory]
    [MemberData(nameof(EveryMoment))]
    public async Task Rollback_AfterACoordinatorDied_TakesEverythingBack(string order, string step, string moment)
    {
        using var death = await Death.AtAsync(step, Enum.Parse<Moment>(moment), new() { Order = Enum.Parse<MigrateOrder>(order) });
        if (death is null)
        {
            return;
        }

        using var back = await new FleetRun(death.Fleet, death.State).RollbackAsync();

        AssertStacked(death.Fleet, back);
    }

    [Theory]
    [InlineData(nameof(MigrateOrder.Pep))]
    [InlineData(nameof(MigrateOrder.ApiServerFirst))]
    public async Task Rollback_OfAWholeMigration_TakesEverythingBack(string order)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var there = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        using var back = await new FleetRun(fleet, state).RollbackAsync();

        AssertStacked(fleet, back);
        Assert.All(fleet.Nodes, node => Assert.Equal((false, false, ""), (node.UnitInstalled, node.EnvWritten, node.Installed)));
        using var again = await new FleetRun(fleet, state).RollbackAsync();
        Assert.Equal((ExitCode.Done, "everything was already as it should be"), (again.Exit, again.Why));
    }

    /// <summary>The way back from a migration that ended after A3 asks nothing of Kubernetes, and is refused where there is more to take back.</summary>
    [Fact]
    public async Task Rollback_EtcdOnly_TakesBackEtcdAlone()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var there = await new FleetRun(fleet, state).MigrateAsync();
        using var back = await new FleetRun(fleet, state, new() { EtcdOnly = true }).RollbackAsync();

        AssertStacked(fleet, back);
        Assert.DoesNotContain(back.Lines, line => line.Contains(" A5/", StringComparison.Ordinal) || line.Contains(" A6/", StringComparison.Ordinal));

        using var all = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();
        using var refused = await new FleetRun(fleet, state, new() { EtcdOnly = true }).RollbackAsync();
        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Contains("--etcd-only would leave it so", refused.Why, StringComparison.Ordinal);
    }

    /// <summary>The node whose way back fails stays under systemd, healthy, and no other one is touched.</summary>
    [Theory]
    [InlineData("StopUnit")]
    [InlineData("RestoreEtcdOwners")]
    [InlineData("RestoreManifest")]
    public async Task Rollback_WhoseStepFails_LeavesTheNodeUnderSystemd(string rpc)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var there = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();
        fleet.With(rpc, "cp2", new(FaultKind.FailAfterChange) { Reason = FaultReason.ProgramFailed });

        using var back = await new FleetRun(fleet, state).RollbackAsync();

        Assert.Equal((ExitCode.FailedAndUndone, ""), (back.Exit, string.Join("; ", fleet.Violations)));
        Assert.Equal([false, true, true], fleet.Nodes.Select(node => node.UnitUp));
        Assert.Equal("etcd", fleet["cp2"].Owner);
    }

    private static void AssertStacked(FakeFleet fleet, FleetRun back)
    {
        Assert.Equal((ExitCode.Done, ""), (back.Exit, back.Exit == ExitCode.Done ? "" : back.Why));
        Assert.Empty(fleet.Violations);
        Assert.Equal("", fleet.External);
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.InUse, false, "root", FakeApiServer.Stacked), (node.Place, node.UnitUp, node.Owner, node.ApiServer.Manifest)));
    }
}
