using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>Snapshots on real machines, the agent in its whole sandbox: what it can open, restore and start in there, and what a full disk does.</summary>
public sealed class SnapshotScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    private const string Folder = "/var/backups/etcd";

    [Fact]
    public Task SavedVerifiedAndDrilled_NothingIsLeftOfTheDrill() => UnderWritesAsync(async () =>
    {
        var saved = await Fixture.Fleet.CoordinatorAsync(Token, "snapshot", "save", "--copies", "nodes,/root/share", "--yes");
        Assert.True(saved.ExitCode == 0, $"save ended in {saved.ExitCode}: {saved.Output}{saved.Error}");
        foreach (var node in Lab.Nodes)
        {
            Assert.Equal("1", (await node.RunAsync("sh", "-c", $"ls {Folder}/*.db | wc -l")).Checked().Output.Trim());
        }

        var verified = await Fixture.Fleet.CoordinatorAsync(Token, "snapshot", "verify", "--in", "/root/share");
        Assert.True(verified.ExitCode == 0, $"verify ended in {verified.ExitCode}: {verified.Output}{verified.Error}");
        Assert.Equal(Lab.Nodes.Count + 2, verified.Output.Split("verified: digest right, opened by etcdutl").Length - 1);

        var drilled = await Fixture.Fleet.CoordinatorAsync(Token, "snapshot", "drill", "--yes");
        Assert.True(drilled.ExitCode == 0, $"drill ended in {drilled.ExitCode}: {drilled.Output}{drilled.Error}");
        Assert.True(drilled.Output.Contains("is the live cluster's", StringComparison.Ordinal), drilled.Output + drilled.Error);
        foreach (var node in Lab.Nodes)
        {
            Assert.Equal("", (await node.RunAsync("sh", "-c", "ls /var/lib/etcdfleet/scratch 2>/dev/null; pgrep -f '[d]ata-dir=/var/lib/etcdfleet' || true")).Checked().Output.Trim());
        }

        var listed = await Fixture.Fleet.CoordinatorAsync(Token, "snapshot", "list");
        Assert.Single(listed.Checked().Output.Split('\n'), line => line.Contains(".db ", StringComparison.Ordinal));
    });

    [Fact]
    public Task DiskFullWhileTheSnapshotIsTaken_IsRefusedAndNothingIsLeft() => UnderWritesAsync(async () =>
    {
        var before = await LookAsync();
        foreach (var node in Lab.Nodes)
        {
            await node.FullDiskAsync(Folder, size: 16 << 20, free: 64 << 10);
            // The agent sees a mount that came after it only in a namespace that is made after it.
            (await node.RunAsync("systemctl", "restart", "etcdfleet-agent")).Checked();
            await AgentServesAsync(node);
        }

        try
        {
            var result = await MigrateAsync(Inventory);

            result.AssertEnded(3);
            foreach (var node in Lab.Nodes)
            {
                Assert.Equal("filler", (await node.RunAsync("ls", "-A", Folder)).Checked().Output.Trim());
            }
        }
        finally
        {
            foreach (var node in Lab.Nodes)
            {
                (await node.RunAsync("umount", Folder)).Checked();
                (await node.RunAsync("systemctl", "restart", "etcdfleet-agent")).Checked();
                await AgentServesAsync(node);
            }
        }

        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnchanged(before[name]);
        }
    });
}
