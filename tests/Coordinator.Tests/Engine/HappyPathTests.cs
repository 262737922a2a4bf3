using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A migration in which nothing goes wrong.</summary>
public sealed class HappyPathTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Migrate_HealthyCluster_JournalsEveryStepInOrder(int nodes)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(nodes, workers: 1));

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(Expected(fleet), run.Lines);
        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Empty(fleet.Violations);
        Assert.All(fleet.Nodes, node => Assert.Equal((StaticPod.Types.Place.Stashed, "active", "etcd"), (node.Place, node.UnitActive, node.Owner)));
    }

    [Fact]
    public async Task Migrate_HealthyCluster_CallsMutatingVerbsInThisOrder()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(
            [
                "cp1 FetchRelease", "cp2 FetchRelease", "cp3 FetchRelease", "cp2 TakeSnapshot",
                "cp1 InstallRelease", "cp1 WriteEtcdEnv", "cp1 InstallUnit", "cp2 InstallRelease", "cp2 WriteEtcdEnv", "cp2 InstallUnit", "cp3 InstallRelease", "cp3 WriteEtcdEnv", "cp3 InstallUnit",
                "cp1 MoveLeader", "cp1 StashManifest", "cp1 ChownEtcdFiles", "cp1 StartUnit",
                "cp2 StashManifest", "cp2 ChownEtcdFiles", "cp2 StartUnit",
                "cp3 MoveLeader", "cp3 StashManifest", "cp3 ChownEtcdFiles", "cp3 StartUnit",
            ],
            fleet.Calls.Select(call => call.ToString()));
    }

    [Fact]
    public async Task Migrate_OneMemberAndAcceptedDowntime_IsDone()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(1));

        using var run = await new FleetRun(fleet, state, new() { AcceptDowntime = true }).MigrateAsync();

        Assert.Equal("done", run.Why);
        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Contains("already-done A3/cp1/move-leader-away", run.Lines);
    }

    [Fact]
    public async Task Migrate_ASecondTime_ChangesNothing()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var first = await new FleetRun(fleet, state).MigrateAsync();
        var leader = fleet.Leader;
        var before = fleet.Nodes.Select(node => node with { }).ToList();
        fleet.Calls.Clear();

        using var second = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal("everything was already as it should be", second.Why);
        Assert.Equal(ExitCode.Done, second.Exit);
        Assert.Equal(before, fleet.Nodes);
        Assert.Equal(leader, fleet.Leader);
        Assert.All(fleet.Calls.Where(call => call.Rpc != "TakeSnapshot"), call => Assert.False(call.Changed, call.ToString()));
    }

    [Fact]
    public async Task Migrate_SomeNodesFirst_TheRestLater()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));

        using var first = await new FleetRun(fleet, state).MigrateAsync("cp2");
        Assert.Equal((ExitCode.Done, "active", "inactive"), (first.Exit, fleet["cp2"].UnitActive, fleet["cp3"].UnitActive));

        using var second = await new FleetRun(fleet, state).MigrateAsync();
        Assert.Equal(ExitCode.Done, second.Exit);
        Assert.All(fleet.Nodes, node => Assert.True(node.UnitUp));
        Assert.Empty(fleet.Violations);
    }

    [Fact]
    public async Task Migrate_Done_ShowsTheSameClusterAndWhereTheTimeWent()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        var evidence = run.Reporter.Events.OfType<RunEvent.EvidenceShown>().ToList();
        Assert.Equal(["cluster id", "c1", "c1"], evidence[0].Rows[0]);
        Assert.Equal(["cluster id", "member", "member", "member", "revision", "HashKV"], evidence[0].Rows.Select(row => row[0]));
        Assert.All(evidence[0].Rows, row => Assert.Equal(row[1], row[2]));
        Assert.Equal(["cp1", "0.00", "8.00", "0.40", "0.00", "0.00", "8.40", "0.0%"], evidence[1].Rows[0].Select(cell => cell.Replace(" %", "%", StringComparison.Ordinal)));
        Assert.Equal(["cp1", "cp2", "cp3"], evidence[1].Rows.Select(row => row[0]));
    }

    /// <summary>Line by line from the plan: what only looks is already done, everything else has an intent and a receipt.</summary>
    private static List<string> Expected(FakeFleet fleet)
    {
        var last = $"cp{fleet.Nodes.Count}";
        var lines = new List<string> { "run-started", "lock-taken" };
        foreach (var (id, _) in Migrate.Build(fleet.Inventory, new() { EtcdOnly = true }).Steps)
        {
            // Leadership moves from cp1 to the last node, and from there to the one moved before it.
            var already = id.Step == "check-fleet" || (id.Step == "move-leader-away" && id.Node != "cp1" && id.Node != last);
            lines.AddRange(already ? [$"already-done {id}"] : [$"intent {id}", $"receipt {id}"]);
        }

        return [.. lines, "run-ended 0"];
    }
}
