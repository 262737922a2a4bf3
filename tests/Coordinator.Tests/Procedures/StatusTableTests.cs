using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

public sealed class StatusTableTests
{
    [Fact]
    public async Task Rows_WhoRunsEtcd_IsSaidForEachNode()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3, workers: 1));
        using var run = await new FleetRun(fleet, state).MigrateAsync("cp1", "cp2");
        fleet["cp2"].UnitActive = "failed";
        fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;

        var rows = StatusTable.Rows(fleet.Inventory, await NodeReport.OfAllAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None));

        Assert.Equal(["systemd", "nobody: half-way", "?", "-"], rows.Select(row => row[2]));
        Assert.Equal(("healthy", "https://127.0.0.1:2379: connection refused", "worker: never touched"), (rows[0][8], rows[1][8], rows[3][8]));
        Assert.Contains("cp3", rows[2][8], StringComparison.Ordinal);
        Assert.All(rows, row => Assert.Equal(StatusTable.Columns.Count, row.Count));
    }
}
