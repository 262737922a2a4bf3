using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Checks;

public sealed class DoneCriteriaTests
{
    [Fact]
    public async Task Evaluate_BeforeAMigration_DC1AndDC2AreNotMet()
    {
        var criteria = await EvaluateAsync(new FakeFleet(Inventory.Of(3)));

        Assert.Equal(["DC-1 NotMet", "DC-2 NotMet", "DC-3 NotMet", "DC-4 NotMet", "DC-5 Met", "DC-6 Open"], criteria.Select(criterion => $"{criterion.Id} {criterion.State}"));
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

    [Theory]
    [InlineData(nameof(MigrateOrder.Pep))]
    [InlineData(nameof(MigrateOrder.ApiServerFirst))]
    public async Task Evaluate_AfterAllOfFlowA_EverythingIsMetButTheTimer(string order)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        var criteria = await EvaluateAsync(fleet);

        Assert.Equal(["Met", "Met", "Met", "Met", "Met", "Open"], criteria.Select(criterion => criterion.State.ToString()));
        Assert.Contains("https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379", criteria[2].Evidence, StringComparison.Ordinal);
        Assert.Contains("cp3: manifest and pid 800 have --etcd-servers=https://10.66.0.11:2379,", criteria[3].Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_ConfigurationOfOtherEndpoints_DC3IsNotMet()
    {
        var fleet = new FakeFleet(Inventory.Of(3)) { External = "https://10.66.0.11:2379" };

        var criterion = (await EvaluateAsync(fleet))[2];

        Assert.Equal(CriterionState.NotMet, criterion.State);
        Assert.Contains("external, but https://10.66.0.11:2379; expected https://10.66.0.11:2379,https://10.66.0.12:2379", criterion.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_ProcessWithOldFlags_DC4IsNotMet()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var run = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();
        fleet["cp2"].ApiServer.ChangedAt = fleet.Now;

        var criterion = (await EvaluateAsync(fleet))[3];

        Assert.Equal(CriterionState.NotMet, criterion.State);
        Assert.Contains("cp2: the apiserver (pid 700) runs with other flags than its manifest has", criterion.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_UpgradeThatFailsForAnotherReason_DC5IsMetAndSaysSo()
    {
        var fleet = new FakeFleet(Inventory.Of(3)) { Upgrade = () => new() { Version = "v1.35.6", PlanOk = true, OtherFindings = { "[ERROR CoreDNSUnsupportedPlugins]: none" } } };

        var criterion = (await EvaluateAsync(fleet))[4];

        Assert.Equal(CriterionState.Met, criterion.State);
        Assert.Contains("CoreDNSUnsupportedPlugins", criterion.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_UpgradeOrJoinThatFailsBecauseOfEtcd_DC5IsNotMet()
    {
        var upgrade = new FakeFleet(Inventory.Of(3)) { Upgrade = () => new() { EtcdFindings = { "[ERROR ExternalEtcdVersion]: too old" } } };
        var join = new FakeFleet(Inventory.Of(3)) { Join = () => new() { Findings = { new JoinFinding { Name = "certificates", Detail = "etcd/ca.crt is missing" } } } };

        Assert.Contains("ExternalEtcdVersion", (await EvaluateAsync(upgrade))[4].Evidence, StringComparison.Ordinal);
        Assert.Equal((CriterionState.NotMet, "certificates: etcd/ca.crt is missing"), ((await EvaluateAsync(join))[4].State, (await EvaluateAsync(join))[4].Evidence));
    }

    [Fact]
    public async Task Evaluate_ByAViewer_DC5IsOpen()
    {
        var fleet = new FakeFleet(Inventory.Of(3)).With("CheckJoin", "cp1", new(FaultKind.Refuse) { Reason = FaultReason.Permission });

        Assert.Equal((CriterionState.Open, "a rehearsal takes an operator's certificate"), ((await EvaluateAsync(fleet))[4].State, (await EvaluateAsync(fleet.Clone().With("CheckJoin", "cp1", new(FaultKind.Refuse) { Reason = FaultReason.Permission })))[4].Evidence));
    }

    private static async Task<IReadOnlyList<Criterion>> EvaluateAsync(FakeFleet fleet) =>
        DoneCriteria.Evaluate(
            fleet.Inventory, await NodeReport.OfAllAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None),
            await KubernetesReport.OfAllAsync(fleet.Inventory, fleet, render: false, CancellationToken.None), await Rehearsal.OfAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None));
}
