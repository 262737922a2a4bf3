using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Faults;

/// <summary>A selection of the fault matrix on real machines with real etcd: a migration, one fault at a step, then resume or rollback; at the end all is stacked again.</summary>
/// <remarks>A test run takes four of them; './build.sh faults lab' takes all. What is asserted is asked of the machines, and not of the tool.</remarks>
public sealed class FaultScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(8);

    private static readonly (string Step, string When, string Fault, string Then)[] InEveryRun =
    [
        ("A3/cp2/await-pod-gone", "started", "power-cut", "resume"), // the node that is being cut over
        ("A3/cp2/chown-etcd-files", "started", "link-cut", "resume"), // between coordinator and agent, in A3
        ("A3/cp1/start-etcd", "started", "agent-killed", "rollback"),
        ("A3/cp3/stash-manifest", "ended", "coordinator-killed", "rollback"),
    ];

    public static TheoryData<string, string, string, string> Cases()
    {
        string[] steps = ["A2/cp1/install-unit", "A3/cp2/stash-manifest", "A3/cp2/await-pod-gone", "A3/cp2/chown-etcd-files", "A3/cp3/start-etcd", "A3/cp1/etcd-healthy"];
        string[] faults = ["coordinator-killed", "agent-killed", "power-cut", "link-cut"];
        var all = from step in steps.Index()
                  from fault in faults.Index()
                  from when in ((string[])["started", "ended"]).Index()
                  select (step.Item, when.Item, fault.Item, (step.Index + fault.Index + when.Index) % 2 == 0 ? "resume" : "rollback");
        var wanted = Environment.GetEnvironmentVariable("ETCDFLEET_FAULTS") switch
        {
            null or "" => InEveryRun,
            "all" => InEveryRun.Concat(all).Distinct(),
            var fault => InEveryRun.Concat(all).Distinct().Where(one => one.Item3 == fault),
        };
        return [.. wanted.Select(one => new TheoryDataRow<string, string, string, string>(one.Item1, one.Item2, one.Item3, one.Item4))];
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Fault_InAMigration_IsSurvived(string step, string when, string fault, string then) => DumpedAsync(async () =>
    {
        var before = await LookAsync();
        var node = Node(step.Split('/')[1]);
        var writes = await Fixture.UnderWritesAsync(async () =>
        {
            await using var run = RunningMigration.Start(Lab, Inventory);
            await (when == "started" ? run.UntilStartedAsync(step) : run.UntilEndedAsync(step));
            var healing = await StrikeAsync(run, node, fault);
            var struck = await run.EndAsync();
            await healing;
            await Task.WhenAll(Lab.Nodes.Select(AgentServesAsync));
            await Task.WhenAll(Lab.Nodes.Select(HealthyWhenItShouldBeAsync));
            Say($"  the run ended with {struck.Exit}");
            Assert.Contains(struck.Exit, fault == "coordinator-killed" ? [137] : (int[])[0, 3, 4]);

            if (then == "resume")
            {
                (await ResumeAsync(struck)).AssertEnded(0);
                foreach (var (name, state) in await LookAsync())
                {
                    state.AssertUnderSystemd(before[name]);
                }
            }

            (await RollbackAsync()).AssertEnded(0);
        });

        Say($"  {writes.Writes} writes, {writes.Failed} failed, {writes.Lost} lost, longest pause {writes.LongestPauseMs:0} ms");
        Assert.True(writes is { Lost: 0, Writes: > 0 }, string.Join("; ", writes.Losses));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertBackOnItsPod(before[name]);
        }
    });

    /// <summary>Lets the fault strike. What ends it is given back: it goes on while the run does.</summary>
    private static async Task<Task> StrikeAsync(RunningMigration run, LabNode node, string fault)
    {
        switch (fault)
        {
            case "coordinator-killed":
                await run.KillAsync();
                return Task.CompletedTask;
            case "agent-killed":
                await node.KillUnitAsync("etcdfleet-agent.service");
                return Task.CompletedTask;
            case "power-cut":
                await node.PowerCutAsync(Token);
                return AfterAsync(() => node.BootAsync(Token));
            default:
                await node.CutLinkAsync(Token);
                return AfterAsync(() => node.HealLinkAsync(Token));
        }
    }

    private static async Task AfterAsync(Func<Task> heal)
    {
        await Task.Delay(Short, Token);
        await heal();
    }

    /// <summary>A node that was left half-way has its member down until somebody goes on.</summary>
    private async Task HealthyWhenItShouldBeAsync(LabNode node)
    {
        if ((await NodeState.OfAsync(Lab, node)).Manifest is not null)
        {
            await HealthyAsync(node);
        }
    }

    /// <summary>'resume' where the run has no last word, otherwise the command once more, as resume itself says.</summary>
    private async Task<MigrationResult> ResumeAsync(MigrationResult struck)
    {
        if (struck.Exit != 137)
        {
            return await MigrateAsync(Inventory);
        }

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "resume");
        return await run.EndAsync();
    }

    private async Task<MigrationResult> RollbackAsync()
    {
        await using var run = RunningMigration.StartVerb(Lab, Inventory, "rollback", "--etcd-only");
        return await run.EndAsync();
    }
}
