using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Kubernetes;

/// <summary>A migrated cluster that has lost its disks is restored from a snapshot (R2). In the order of the text: each goes on where the one before ended.</summary>
public sealed class RestoreScenarios(KubernetesLab fixture) : Scenario(fixture), IClassFixture<KubernetesLab>
{
    /// <summary>Of its own in each scenario: an agent does not take another content under a name that it has.</summary>
    private static string Snapshot => $"/root/{TestContext.Current.TestMethod!.MethodName}.db";

    [Fact]
    public Task AllDataDirsDestroyed_TheSnapshotIsBack_AndNoWatchGoesBackInTime() => DumpedAsync(async () =>
    {
        (await MigrateAsync(Inventory)).AssertEnded(0);
        await PutAsync("/etcdfleet-lab/kept", "yes");
        await SaveAsync();
        await PutAsync("/etcdfleet-lab/lost", "yes");
        await using var reflector = Lab.StartReflector();
        await PutAsync("/etcdfleet-lab/seen", "yes");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Token);
        foreach (var node in Lab.Nodes)
        {
            await DestroyAsync(node);
        }

        await RestoredAsync();

        Assert.Equal("yes", await GetAsync("/etcdfleet-lab/kept"));
        Assert.Equal("", await GetAsync("/etcdfleet-lab/lost"));
        await PutAsync("/etcdfleet-lab/after", "yes");
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Token);
        var seen = await reflector.StopAsync(Token);
        Say($"  the reflector saw {seen.Events} events, {seen.Lists} lists, {seen.Compacted} times compacted, and ended at revision {seen.LastRevision}");
        Assert.Empty(seen.WentBack);
        Assert.True(seen is { Compacted: > 0, Lists: > 1, LastRevision: > 1_000_000_000 }, $"{seen}");
    });

    [Fact]
    public Task QuorumLost_TheSnapshotIsBack_AndTheLastNodesDataAreKept() => DumpedAsync(async () =>
    {
        await SaveAsync();
        await DestroyAsync(Node("cp2"));
        await DestroyAsync(Node("cp3"));

        await RestoredAsync();

        Assert.Equal("yes", await GetAsync("/etcdfleet-lab/kept"));
        Assert.Contains((await Node("cp1").RunAsync("ls", "/var/lib/etcd")).Checked().Output.Split('\n'), name => name.StartsWith("member.set-aside-", StringComparison.Ordinal));
    });

    /// <summary>Two disks are gone, and the third one has what was written last: in its log, should its database be behind.</summary>
    [Fact]
    public Task OneDiskSurvives_WhatItsLogHasIsBack() => DumpedAsync(async () =>
    {
        for (var i = 0; i < 50; i++)
        {
            await PutAsync("/etcdfleet-lab/last", $"{i}");
        }

        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Token); // until every disk has it: two of three are enough for etcd
        await Node("cp1").KillUnitAsync("etcd.service");
        (await Node("cp1").RunAsync("systemctl", "stop", "etcd.service")).Checked();
        foreach (var node in Lab.Nodes.Skip(1))
        {
            await DestroyAsync(node);
        }

        var saved = await fixture.Fleet.CoordinatorAsync(Token, "snapshot", "save", "--node", "cp1", "--from-disk", "--yes");
        Assert.True(saved.ExitCode == 0, saved.Output + saved.Error);
        var folder = Lab.Ops.HostPath("/root/.local/state/etcdfleet/snapshots");
        File.Copy(new DirectoryInfo(folder).GetFiles("*.db").MaxBy(file => file.LastWriteTimeUtc)!.FullName, Lab.Ops.HostPath(Snapshot), overwrite: true);

        await RestoredAsync();

        Assert.Equal("49", await GetAsync("/etcdfleet-lab/last"));
    });

    /// <summary>Nobody has agreed to the loss.</summary>
    [Fact]
    public Task WorkingCluster_IsRefusedWithTheFigures() => UnderWritesAsync(async () =>
    {
        await using var run = RunningMigration.StartVerb(Lab, Inventory, "restore", "--snapshot", $"/root/{nameof(QuorumLost_TheSnapshotIsBack_AndTheLastNodesDataAreKept)}.db", "--accept-other-cluster", "lab");
        var ended = await run.EndAsync();

        ended.AssertEnded(3);
        Assert.Contains("revisions written since then will be gone", ended.Last.Text("outcome") + ended.Last, StringComparison.Ordinal);
    });

    /// <summary>Its coordinator dies with the restored data in place and every apiserver stopped; another machine takes all of it back.</summary>
    [Fact]
    public Task CoordinatorKilledInARestore_UndoFromAnotherMachineBringsTheFormerDataBack() => DumpedAsync(async () =>
    {
        await SaveAsync();
        await PutAsync("/etcdfleet-lab/newest", "yes");
        await using var first = RunningMigration.StartVerb(Lab, Inventory, "restore", "--snapshot", Snapshot, "--accept-loss");
        await first.UntilEndedAsync("R2.3/fleet/swap-data-dir");
        await first.KillAsync();
        Assert.Equal(137, (await first.EndAsync()).Exit);

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "restore", "--undo", "--state", "/root/elsewhere");
        var undone = await run.EndAsync();

        undone.AssertEnded(0);
        await fixture.AllReadyAsync(Token);
        foreach (var node in Lab.Nodes)
        {
            await HealthyAsync(node);
        }

        Assert.Equal("yes", await GetAsync("/etcdfleet-lab/newest"));
        await EtcdIsVerifiedAsync();
    });

    private async Task RestoredAsync()
    {
        await using var run = RunningMigration.StartVerb(Lab, Inventory, "restore", "--snapshot", Snapshot);
        var ended = await run.EndAsync();
        ended.AssertEnded(0);
        foreach (var row in ended.Evidence("The restored cluster"))
        {
            Say($"  {row[0]}: {row[1]}");
        }

        await fixture.AllReadyAsync(Token);
        foreach (var node in Lab.Nodes)
        {
            await HealthyAsync(node);
        }

        await EtcdIsVerifiedAsync();
    }

    /// <summary>Taken past EtcdFleet, by etcd's own program, and brought to ops.</summary>
    private async Task SaveAsync()
    {
        (await Lab.Etcd.EtcdctlAsync(Lab.Nodes[0], Token, "snapshot", "save", "/var/tmp/restore-me.db")).Checked();
        File.Copy(Lab.Nodes[0].HostPath("/var/tmp/restore-me.db"), Lab.Ops.HostPath(Snapshot), overwrite: true);
    }

    /// <summary>etcd dies, and its disk is found empty. It stays stopped: started on nothing it would knock at its peers for ever.</summary>
    private static async Task DestroyAsync(LabNode node)
    {
        await node.KillUnitAsync("etcd.service");
        (await node.RunAsync("sh", "-c", "systemctl stop etcd.service; rm -rf /var/lib/etcd/*")).Checked();
    }

    private async Task PutAsync(string key, string value) => (await Lab.Etcd.EtcdctlAsync(Lab.Nodes[0], Token, "put", key, value)).Checked();

    private async Task<string> GetAsync(string key) => (await Lab.Etcd.EtcdctlAsync(Lab.Nodes[0], Token, "get", key, "--print-value-only")).Checked().Output.Trim();
}
