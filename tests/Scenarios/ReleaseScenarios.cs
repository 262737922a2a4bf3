using EtcdFleet.Lab;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>What is wrong with etcd's binary: found before anything changes, or when it is started.</summary>
public sealed class ReleaseScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    [Fact]
    public Task TarballWithTheWrongHash_IsRefusedAndChangesNothing() => UnderWritesAsync(async () =>
    {
        var before = await LookAsync();
        var result = await MigrateAsync(await InventoryAsync("corrupt", Fixture.Fleet.Yaml(RunningLab.CorruptReleaseUrl)));

        result.AssertEnded(3);
        Assert.Matches("has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}.*Check the URL and the digest", result.Last.Text("message"));
        Assert.Empty(result.Steps("failed"));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnchanged(before[name]);
        }
    });

    [Fact]
    public Task BinaryThatDoesNotStart_TheNodeGoesBack_AndTheNextMigrateFinishes() => UnderWritesAsync(async () =>
    {
        var before = await LookAsync();
        await DropInAsync(Node("cp2"), "[Service]\nExecStart=\nExecStart=/bin/false\n");
        var first = await MigrateAsync(Inventory, "--start-deadline", "20s");

        first.AssertUndone("A3/cp2/start-etcd", ["A3/cp2/start-etcd", "A3/cp2/chown-etcd-files", "A3/cp2/stash-manifest"]);
        Assert.Contains("etcd.service did not become ready", first.Last.Text("message"));
        var between = await LookAsync();
        between["cp1"].AssertUnderSystemd(before["cp1"]); // what was finished before stands
        between["cp2"].AssertBackOnItsPod(before["cp2"]);
        between["cp3"].AssertNotCutOver(before["cp3"]);
        Assert.Empty(CutOverVerbs(Node("cp3"), first.Run));

        await NoDropInAsync(Node("cp2"));
        var second = await MigrateAsync(Inventory);

        second.AssertEnded(0);
        Assert.Empty(CutOverVerbs(Node("cp1"), second.Run));
        var after = await LookAsync();
        Assert.Equal(between["cp1"].EtcdProcesses, after["cp1"].EtcdProcesses);
        foreach (var (name, state) in after)
        {
            state.AssertUnderSystemd(before[name]);
        }

        await EtcdIsVerifiedAsync();
    });
}
