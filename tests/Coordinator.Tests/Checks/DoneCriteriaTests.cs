using EtcdFleet.Coordinator.Checks;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Checks;

public sealed class DoneCriteriaTests
{
    [Fact]
    public async Task Evaluate_BeforeAMigration_DC1AndDC2AreNotMet()
    {
        var criteria = await EvaluateAsync(new FakeFleet(Inventory.Of(3)));

        Assert.Equal(["DC-1 NotMet", "DC-2 NotMet", "DC-3 Open", "DC-4 Open", "DC-5 Open", "DC-6 Open"], criteria.Select(criterion => $"{criterion.Id} {criterion.State}"));
    }

    [Fact]
    public async Task Evaluate_AfterAMigration_DC1AndDC2AreMetWithEvidenceOfEachNode()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var criteria = await EvaluateAsync(fleet);

        Assert.Equal([CriterionState.Met, CriterionState.Met], criteria.Take(2).Select(criterion => criterion.State));
        Assert.All(fleet.Nodes, node => Assert.Contains($"{node.Name}: etcd.service active and enabled, pid 4242, member {node.MemberId:x} healthy", criteria[0].Evidence, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Evaluate_OneNodeIsBad_TheWholeCriterionIsNotMet()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state).MigrateAsync();
        fleet["cp2"].UnitEnabled = "disabled";
        fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;

        var criteria = await EvaluateAsync(fleet);

        Assert.Equal((CriterionState.NotMet, CriterionState.NotMet), (criteria[0].State, criteria[1].State));
        Assert.Contains("cp2: etcd.service is active but disabled", criteria[0].Evidence, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<Criterion>> EvaluateAsync(FakeFleet fleet) =>
        DoneCriteria.Evaluate(await NodeReport.OfAllAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None));
}
