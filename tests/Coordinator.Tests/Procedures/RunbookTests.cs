using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

public sealed class RunbookTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Text_NamesTheExactCommandsOfThisInventory()
    {
        var fleet = Inventory.Of(3, workers: 1);

        var text = Runbook.Text(fleet, Migrate.Build(fleet, new() { Order = MigrateOrder.ApiServerFirst }), "etcdfleet -i prod.yaml", " --order apiserver-first", Now);

        Assert.All(
            (string[])["etcdfleet -i prod.yaml status", "etcdfleet -i prod.yaml migrate --order apiserver-first --dry-run", "etcdfleet -i prod.yaml migrate --order apiserver-first --yes", "etcdfleet -i prod.yaml verify --report done.md", "etcdfleet -i prod.yaml rollback --yes", "etcdfleet -i prod.yaml resume --yes"],
            command => Assert.Contains(command, text, StringComparison.Ordinal));
        Assert.Contains("| cp2 | 10.66.0.12:7379 | https://10.66.0.12:2379 |", text, StringComparison.Ordinal);
        Assert.Contains("Workers, never touched (IR-2): wk1.", text, StringComparison.Ordinal);
    }

    /// <summary>The runbook is made from the plan: what a plan has, the runbook has.</summary>
    [Fact]
    public void Text_HasEveryStepOfThePlan()
    {
        var plan = Migrate.Build(Inventory.Of(3), MigrateScope.All);

        var text = Runbook.Text(Inventory.Of(3), plan, "etcdfleet", "", Now);

        Assert.All(plan.Steps, step => Assert.Contains($"| {step.Id.Stage} {step.Id.Step}", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_EtcdOnly_ExpectsLess()
    {
        var fleet = Inventory.Of(3);

        Assert.Contains("about 2 minutes", Runbook.Text(fleet, Migrate.Build(fleet, new() { EtcdOnly = true }), "etcdfleet", " --etcd-only", Now), StringComparison.Ordinal);
        Assert.Contains("about 4 minutes", Runbook.Text(fleet, Migrate.Build(fleet, MigrateScope.All), "etcdfleet", "", Now), StringComparison.Ordinal);
    }
}
