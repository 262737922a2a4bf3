using System.Globalization;
using System.Text.Json;
using EtcdFleet.Lab.Machines;
using EtcdFleet.Lab.Writing;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>The migration as it should be, with Pods that take as long to stop as real ones do, and what comes after it.</summary>
public sealed class MigrationScenarios(MigratedLab fixture) : Scenario(fixture), IClassFixture<MigratedLab>
{
    [Fact]
    public Task Migrate_BringsTheSameClusterUnderSystemd() => DumpedAsync(async () =>
    {
        var migrated = await fixture.MigratedAsync();

        AssertSound(migrated.Writes);        migrated.Result.AssertEnded(0);
        Assert.Equal("done", migrated.Result.Events.Single(line => line.Is("run_ended")).Text("outcome"));
        foreach (var (name, state) in migrated.After)
        {
            state.AssertUnderSystemd(migrated.Before[name]);
            Assert.Equal("etcd", Assert.Single(await OwnersAsync(name)));
        }

        await EtcdIsVerifiedAsync();
        var status = await fixture.Fleet.CoordinatorAsync(Token, "status");
        Assert.Equal((0, 3), (status.ExitCode, status.Output.Split('\n').Count(line => line.Contains("systemd", StringComparison.Ordinal) && line.Contains("healthy", StringComparison.Ordinal))));
    });

    [Fact]
    public Task Migrate_ShowsItsEvidenceAsJson() => DumpedAsync(async () =>
    {
        var (before, result, after, _) = await fixture.MigratedAsync();

        Assert.All(result.Events, line => Assert.Equal(["message_type", "at"], line.EnumerateObject().Take(2).Select(member => member.Name)));
        Assert.Equal(("exit", "done"), (result.Last.Text("message_type"), result.Last.Text("outcome")));
        Assert.Single(result.Events, line => line.Is("exit"));
        var same = result.Evidence("The same cluster");
        Assert.All(same, row => Assert.Equal(row[1], row[2]));
        var id = before["cp1"].Member.Split(' ')[1].TrimEnd(',');
        Assert.Contains(same, row => row[1] == id);
        Assert.Equal(after["cp1"].Member, before["cp1"].Member);
        Assert.Contains(result.Journal, record => record.Text("kind") == "receipt" && record.Text("step").EndsWith("/take-snapshot", StringComparison.Ordinal));
    });

    [Fact]
    public Task Migrate_TheToolItselfAddsLittleToACutover() => DumpedAsync(async () =>
    {
        var rows = (await fixture.MigratedAsync()).Result.Evidence("Time of each cutover");

        Assert.Equal(["cp1", "cp2", "cp3"], rows.Select(row => row[0]));
        foreach (var row in rows)
        {
            double Seconds(int cell) => double.Parse(row[cell], CultureInfo.InvariantCulture);
            Say($"{row[0]}: leader move {row[1]} s, Pod's stop {row[2]} s, start {row[3]} s, gates {row[4]} s, tool {row[5]} s ({row[7]}), in all {row[6]} s");
            Assert.True(Seconds(2) >= MigratedLab.PodStop.TotalSeconds, $"the Pod on {row[0]} took {row[2]} s to stop, expected the {MigratedLab.PodStop.TotalSeconds} s of a real one");

            // The aim is 10 % on a machine that has nothing else to do; this is for one that has.
            Assert.True(Seconds(5) / Seconds(6) < 0.3, $"the tool itself took {row[5]} s of {row[6]} on {row[0]}, expected little");
        }
    });

    [Fact]
    public Task Migrate_Again_FindsEverythingDoneAndChangesNothing() => UnderWritesAsync(async () =>
    {
        await fixture.MigratedAsync();
        var before = await LookAsync();
        var again = await MigrateAsync(Inventory);

        again.AssertEnded(0);
        Assert.Equal("everything was already as it should be", again.Events.Single(line => line.Is("run_ended")).Text("outcome"));
        Assert.DoesNotContain(again.Journal, record => record.Text("kind") == "receipt" && record.TryGetProperty("changed", out var changed) && changed.ValueKind == JsonValueKind.True && !record.Text("step").StartsWith("A1/", StringComparison.Ordinal));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnchanged(before[name]);
            Assert.Empty(CutOverVerbs(Node(name), again.Run));
        }
    });

    [Fact]
    public Task PowerCutAfterTheMigration_EtcdComesBackUnderSystemdByItself() => UnderWritesAsync(async () =>
    {
        await fixture.MigratedAsync();
        var node = Node("cp2");
        var before = await NodeState.OfAsync(Lab, node);
        await node.PowerCutAsync(Token);
        await node.BootAsync(Token);
        await HealthyAsync(node);
        await AgentServesAsync(node);

        (await NodeState.OfAsync(Lab, node)).AssertUnderSystemd(before);
        await EtcdIsVerifiedAsync();
    });

    private async Task<IEnumerable<string>> OwnersAsync(string node) =>
        (await Node(node).RunAsync("find", "/var/lib/etcd", "-printf", "%u\n")).Checked().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct();
}

/// <summary>Three nodes and their migration, made once by whoever asks for it first.</summary>
public sealed class MigratedLab : ScenarioLab
{
    /// <summary>What FACTS 1 measured of a real one, 7.2 s to 9.8 s.</summary>
    internal static readonly TimeSpan PodStop = TimeSpan.FromSeconds(7.5);

    private Task<Migration>? _migration;

    internal Task<Migration> MigratedAsync() => _migration ??= MigrateAsync();

    private async Task<Migration> MigrateAsync()
    {
        await Task.WhenAll(Lab.Nodes.Select(node => node.PodStopsSlowlyAsync(PodStop)));
        var before = await NodeState.OfAllAsync(Lab);
        MigrationResult? result = null;
        var writes = await UnderWritesAsync(async () =>
        {
            await using var run = RunningMigration.Start(Lab, "/root/fleet.yaml");
            result = await run.EndAsync();
        });
        await Task.WhenAll(Lab.Nodes.Select(node => node.EndFaultsAsync()));
        return new(before, result!, await NodeState.OfAllAsync(Lab), writes);
    }
}

/// <summary>A migration, the nodes before and after it, and what a client saw of it.</summary>
internal sealed record Migration(IReadOnlyDictionary<string, NodeState> Before, MigrationResult Result, IReadOnlyDictionary<string, NodeState> After, WriterReport Writes);
