using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>A coordinator dies in the middle of a cutover, and its disk is gone with it: another one finishes from what the agents keep.</summary>
public sealed class AnotherMachineScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    private const string Elsewhere = "/root/elsewhere";

    [Fact]
    public Task CoordinatorKilledAndItsDiskGone_ResumeFromAnotherStateFolderFinishes() => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        var before = await LookAsync();
        await node.PodStopsSlowlyAsync(TimeSpan.FromSeconds(6));
        await using var first = RunningMigration.Start(Lab, Inventory);
        await first.UntilStartedAsync("A3/cp2/await-pod-gone");
        await first.KillAsync();
        var killed = await first.EndAsync();
        Assert.Equal(137, killed.Exit);
        (await Lab.Ops.RunAsync("rm", "-rf", "/root/.local/state/etcdfleet")).Checked();

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "resume", "--state", Elsewhere);
        var second = await run.EndAsync();
        await node.EndFaultsAsync();

        second.AssertEnded(0);
        Assert.Contains(second.Events, line => line.Is("note") && line.Text("text").Contains($"run {killed.Run}: its journal comes from ", StringComparison.Ordinal));
        Assert.Contains("A3/cp1/start-etcd", second.Evidence("Found done").Select(row => row[0]));
        Assert.Empty(second.Steps("undo-intent"));
        Assert.All(second.Evidence("The same cluster"), row => Assert.Equal(row[1], row[2]));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnderSystemd(before[name]);
        }

        // Every agent has both runs now, to the last word, byte for byte.
        foreach (var kept in Lab.Nodes.Select(kept => kept.Root + $"/var/lib/etcdfleet/runs/{second.Run}/journal.jsonl"))
        {
            Assert.Equal(await File.ReadAllBytesAsync($"{Lab.Ops.Root}{Elsewhere}/runs/{second.Run}/journal.jsonl", Token), await File.ReadAllBytesAsync(kept, Token));
        }

        await EtcdIsVerifiedAsync();
    });
}
