using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>Lock and journal in an etcd that operators share (<c>--state etcd://</c>): an operator's machine burns in the middle of a cutover, and another one finishes from there.</summary>
public sealed class StateEtcdScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    [Fact]
    public Task CoordinatorKilledAndItsDiskGone_AnotherOneFinishesFromTheStatesEtcd() => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        var before = await LookAsync();
        var state = new StateEtcd(Lab);
        await state.StartAsync();
        await node.PodStopsSlowlyAsync(TimeSpan.FromSeconds(6));
        await using var first = RunningMigration.Start(Lab, Inventory, "--state", state.Url, "--lease-ttl", "5s");
        await first.UntilStartedAsync("A3/cp2/await-pod-gone");

        // Who wants to begin meanwhile is told whose the lock is, and that is in the etcd's own keys.
        var looked = (await Fixture.Fleet.CoordinatorAsync(Token, "status", "--state", state.Url)).Checked();
        Assert.True((looked.Output + looked.Error).Contains("the lock is that of", StringComparison.Ordinal), $"status said: {looked.Output}{looked.Error}");
        Assert.Single(await state.KeysAsync("/etcdfleet/lab/lock"));
        await first.KillAsync();
        var killed = await first.EndAsync();
        Assert.Equal(137, killed.Exit);

        // Its disk has burned, and the agents' copies are gone as well: that etcd alone knows what was done.
        (await Lab.Ops.RunAsync("rm", "-rf", "/root/.local/state/etcdfleet")).Checked();
        await Task.WhenAll(Lab.Nodes.Select(async kept => (await kept.RunAsync("rm", "-rf", $"/var/lib/etcdfleet/runs/{killed.Run}")).Checked()));

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "resume", "--state", state.Url);
        await run.UntilStartedAsync("A3/cp3/await-pod-gone");
        await state.HangAsync(TimeSpan.FromSeconds(4), Token); // shorter than the 60 s that a step waits for its record
        var second = await run.EndAsync();
        await node.EndFaultsAsync();

        second.AssertEnded(0);
        Assert.Contains($"run {killed.Run}: its journal comes from {state.Url}/etcdfleet", string.Join('\n', second.Events.Where(line => line.Is("note")).Select(line => line.Text("text"))), StringComparison.Ordinal);
        Assert.Contains("A3/cp1/start-etcd", second.Evidence("Found done").Select(row => row[0]));
        Assert.Empty(second.Steps("undo-intent"));
        Assert.All(second.Evidence("The same cluster"), row => Assert.Equal(row[1], row[2]));
        foreach (var (name, found) in await LookAsync())
        {
            found.AssertUnderSystemd(before[name]);
        }

        // The lock is gone, and the journal is there to its last word, as on the operator's disk.
        Assert.Empty(await state.KeysAsync("/etcdfleet/lab/lock"));
        Assert.Equal(await File.ReadAllLinesAsync($"{Lab.Ops.Root}/root/.local/state/etcdfleet/runs/{second.Run}/journal.jsonl", Token), await state.ValuesAsync($"/etcdfleet/lab/journals/{second.Run}/"));
        Say($"  {(await state.KeysAsync("/etcdfleet/lab/")).Count} keys in the state's etcd after both runs");
        await EtcdIsVerifiedAsync();
    });
}
