using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

public sealed class MigrateEvidenceTests
{
    [Fact]
    public void Show_OnlySomeNodesWereCutOver_HasARowForEachOfThem()
    {
        var reporter = new CapturingReporter();
        JournalRecord[] journal =
        [
            Receipt("A3/cp2/move-leader-away", 50), Receipt("A3/cp2/stash-manifest", 10), Receipt("A3/cp2/await-pod-gone", 7980), Receipt("A3/cp2/start-etcd", 400), Receipt("A3/cp2/etcd-healthy", 110),
        ];

        MigrateEvidence.Show(reporter, Migrate.Build(Inventory.Of(3), new() { EtcdOnly = true }), journal);

        var shown = Assert.IsType<RunEvent.EvidenceShown>(Assert.Single(reporter.Events));
        var row = Assert.Single(shown.Rows);
        Assert.Equal(["cp2", "0.05", "7.98", "0.40", "0.11", "0.01", "8.55"], row.Take(7));
    }

    private static JournalRecord Receipt(string step, double milliseconds) => new() { Kind = JournalKind.Receipt, Step = step, Milliseconds = milliseconds };
}
