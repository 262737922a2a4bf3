using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Procedures;

/// <summary>Plans as approved text: a difference in a change of ours is its review. <c>APPROVE=1</c> writes them anew.</summary>
public sealed class PlanTextTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Migrate_ItsText_IsApproved(int nodes) =>
        Approved(Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", $"migrate-{nodes}.txt"), PlanText.Of(Migrate.Build(Inventory.Of(nodes), MigrateScope.All)));

    [Fact]
    public void Migrate_SomeNodesOnly_IsApproved()
    {
        var fleet = Inventory.Of(3);
        Approved(Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", "migrate-3-cp2-only.txt"), PlanText.Of(Migrate.Build(fleet, new() { Only = [fleet.ControlPlane[1]] })));
    }

    [Fact]
    public void Migrate_ApiServerFirst_IsApproved() => Approved(
        Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", "migrate-3-apiserver-first.txt"), PlanText.Of(Migrate.Build(Inventory.Of(3), new() { Order = MigrateOrder.ApiServerFirst })));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rollback_ItsText_IsApproved(int nodes) =>
        Approved(Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", $"rollback-{nodes}.txt"), PlanText.Of(Rollback.Build(Inventory.Of(nodes))));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Restore_ItsText_IsApproved(int nodes) =>
        Approved(Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", $"restore-{nodes}.txt"), PlanText.Of(Restore.Build(Inventory.Of(nodes), RestoreFleet.Snapshot)));

    [Fact]
    public void UndoRestore_ItsText_IsApproved() => Approved(Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", "restore-undo-3.txt"), PlanText.Of(UndoRestore.Build(Inventory.Of(3))));

    [Fact]
    public void SnapshotSave_ItsText_IsApproved() => Approved(
        Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", "snapshot-save-3.txt"),
        PlanText.Of(Snapshots.Save(Inventory.Of(3), "/root/.local/state/etcdfleet/snapshots", new() { ToNodes = true, To = ["/mnt/backup"] })));

    [Fact]
    public void SnapshotDrill_ItsText_IsApproved() => Approved(
        Root.Of("tests", "Coordinator.Tests", "Procedures", "Approved", "snapshot-drill-3.txt"),
        PlanText.Of(Snapshots.Drill(Inventory.Of(3), Inventory.Of(3).ControlPlane[1], "etcd-20261123T031500Z-run.db")));

    /// <summary>The manual's chapter is the plan itself.</summary>
    [Fact]
    public void ProceduresMd_IsThePlan() => Approved(Root.Of("docs", "procedures.md"), $"""
        # Procedures

        Written from the plans themselves: a test compares this page with them, and `APPROVE=1 dotnet run --project tests/Coordinator.Tests`
        writes it anew. `etcdfleet plan PROCEDURE` prints the same for your inventory.

        ## migrate

        From static Pods to systemd, in place, and kubeadm's configuration and the apiservers after it (flow A of the PEP). On a fleet of three:

        ```text
        {PlanText.Of(Migrate.Build(Inventory.Of(3), MigrateScope.All)).TrimEnd()}
        ```

        `--order apiserver-first` does A4 to A7 before A3: the apiservers then have every endpoint before any etcd moves, and none of them waits for its own
        (FACTS 15). `--etcd-only` ends after A3, and so does `--node`; a later `migrate` does the rest.

        What holds beyond the steps:

        - A node that an earlier run left half-way goes first; a node that is past its cutover is left alone, and only the gates at its end
          are asked again. So a second `migrate` goes on where a first one ended, from whichever machine.
        - A step that fails is undone with everything before it on that node, in reverse, also what an earlier run without a last word
          did there. Then the gates named above are asked, and no other node is touched. Exit code 4; 5 when the undo failed.
        - Ctrl-C lets the verb at work end, undoes the node that was begun, and ends with 130. Nodes that are done stay done.
        - The proof at the end has no undo. When it fails the exit code is 5, and hands are needed.
        - An apiserver that does not get ready gets its former manifest back, and kube-system/kubeadm-config its former etcd part. etcd
          stays where it is: a later `migrate` finds it done.

        ## rollback

        The way back: a migrated cluster, or half of one, to stacked etcd. The steps are those of `migrate` the other way round. On a fleet of three:

        ```text
        {PlanText.Of(Rollback.Build(Inventory.Of(3))).TrimEnd()}
        ```

        - What comes back is what each agent kept: the manifests' own bytes, owners and modes. Nodes that were never moved are left alone.
        - kubeadm-config gets its former `etcd` part back; what others changed in it since then stays.

        ## restore

        The whole cluster from one snapshot (R2 of the PEP); [restore.md](restore.md) says when, and what is lost. On a fleet of three:

        ```text
        {PlanText.Of(Restore.Build(Inventory.Of(3), RestoreFleet.Snapshot)).TrimEnd()}
        ```

        - R2.3 is one piece of work on all nodes: whatever ends it before its end, a failure or Ctrl-C, takes all of it back on all nodes, in reverse. Exit code 4.
        - From R2.4 on clients write to the restored data, and nothing goes back by itself: an apiserver that does not get ready means exit code 5, and a
          second `restore` of the same snapshot goes on there.
        - A run that died is gone on with by `resume`, or by a second `restore` of the same snapshot, from whichever machine: each agent knows how far it is.

        ## restore --undo

        A restore that has not come to its end, taken back, from whichever machine: the undo of its own steps. Refused once an apiserver was given back. On a fleet of three:

        ```text
        {PlanText.Of(UndoRestore.Build(Inventory.Of(3))).TrimEnd()}
        ```

        - The agents' records say what there is to take back; a node that was not reached is left alone.
        - It has no undo of its own. When it fails the exit code is 5, and begun again it goes on.

        ## snapshot save

        A snapshot of a healthy follower, verified, and its copies; see [snapshots.md](snapshots.md). With `--copies nodes,/mnt/backup` on a fleet of three:

        ```text
        {PlanText.Of(Snapshots.Save(Inventory.Of(3), "~/.local/state/etcdfleet/snapshots", new() { ToNodes = true, To = ["/mnt/backup"] })).TrimEnd()}
        ```

        """);

    private static void Approved(string path, string text)
    {
        if (Environment.GetEnvironmentVariable("APPROVE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.True(File.Exists(path), $"{path} is missing, expected the approved text: run the tests with APPROVE=1, and read what they wrote");
        Assert.Equal(File.ReadAllText(path), text, ignoreLineEndingDifferences: false);
    }
}
