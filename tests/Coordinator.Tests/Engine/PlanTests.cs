using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

public sealed class PlanTests
{
    [Fact]
    public void Build_TwoStepsWithOnePath_IsRefused()
    {
        var builder = PlanBuilder.For("p", Inventory.Of(1)).Once("A1", "one", [new CheckFleet(Kubernetes: false)]).Once("A1", "two", [new CheckFleet(Kubernetes: false)]);

        Assert.Contains("A1/fleet/check-fleet twice", Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WorkersInTheInventory_GetNoStep() =>
        Assert.DoesNotContain(Migrate.Build(Inventory.Of(3, workers: 2), new() { EtcdOnly = true }).Steps, step => step.Id.Node.StartsWith("wk", StringComparison.Ordinal));

    [Fact]
    public void Build_SomeNodesOnly_CutsOverThemInTheInventorysOrder()
    {
        var fleet = Inventory.Of(3);

        var plan = Migrate.Build(fleet, new() { Only = [fleet.ControlPlane[2], fleet.ControlPlane[0]] });

        Assert.Equal(["cp1", "cp3"], plan.Stages.Single(stage => stage.Title == "cut over").Lanes.Select(lane => lane.Name));
    }

    /// <summary>The whole story: what changes has an undo, or says why not.</summary>
    [Fact]
    public void Steps_WithoutAnUndo_SayWhy() =>
        Assert.All(Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps, step => Assert.True(step.Step.Undo.How.Length > 5, step.Id.ToString()));

    [Fact]
    public void Steps_TheirPaths_AreKebabCase() =>
        Assert.All(Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps, step => Assert.Matches("^A[1-8]/(cp[123]|fleet)/[a-z]+(-[a-z]+)*$", step.Id.ToString()));

    /// <summary>Leadership goes to who has moved already, the newest first, else to who moves last: so it moves twice at the most.</summary>
    [Fact]
    public void Build_LeadersToBe_AreThoseAlreadyMovedThenTheLast()
    {
        var steps = Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }).Steps.Select(step => step.Step).OfType<MoveLeaderAway>().ToList();

        Assert.Equal(["cp3,cp2", "cp1,cp3", "cp2,cp1"], steps.Select(step => string.Join(',', step.Preferred)));
    }
}
