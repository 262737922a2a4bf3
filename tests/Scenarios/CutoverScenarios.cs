using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>A cutover that does not get to its end. Each of them leaves the lab on its static Pods again, except for the last.</summary>
public sealed class CutoverScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    /// <summary>Long enough to hit a moment in the wait for the Pod, also where the machine is slow.</summary>
    private static readonly TimeSpan Wide = TimeSpan.FromSeconds(6);

    [Fact]
    public Task PodThatDoesNotStop_IsLeftRunning() => GoesBackAsync(
        node => node.PodDoesNotStopAsync(), null, node => node.EndFaultsAsync(), "A3/cp2/await-pod-gone", ["A3/cp2/stash-manifest"], "--pod-stop-deadline", "3s");

    [Fact]
    public Task GateThatStaysRed_StopsEtcdAgainAndTheNodeGoesBack() => GoesBackAsync(
        // etcd starts and is READY, but not where its clients look for it.
        node => DropInAsync(node, "[Service]\nExecStart=\nExecStart=/usr/bin/env ETCD_LISTEN_CLIENT_URLS=https://127.0.0.1:12379 /usr/local/bin/etcd\n"),
        null, NoDropInAsync, "A3/cp2/etcd-healthy", ["A3/cp2/start-etcd", "A3/cp2/chown-etcd-files", "A3/cp2/stash-manifest"], "--gate-deadline", "5s");

    [Fact]
    public Task AgentKilledBetweenStashAndStart_ComesBackAndUndoes() => GoesBackAsync(
        node => node.PodStopsSlowlyAsync(Wide),
        async run =>
        {
            await run.UntilStartedAsync("A3/cp2/await-pod-gone");
            await Node("cp2").KillUnitAsync("etcdfleet-agent");
        },
        node => node.EndFaultsAsync(), "A3/cp2/await-pod-gone", ["A3/cp2/stash-manifest"]);

    /// <summary>The next agent finishes the start before it takes another verb, says so, and the cutover is undone from there.</summary>
    [Fact]
    public async Task AgentKilledInStartUnit_TheNextOneSettlesItAndUndoes()
    {
        await GoesBackAsync(
            node => DropInAsync(node, "[Service]\nExecStartPre=/bin/sleep 4\n"),
            async run =>
            {
                await run.UntilStartedAsync("A3/cp2/start-etcd");
                await UntilAsync(() => Node("cp2").RunAsync("sh", "-c", "systemctl show -P SubState etcd.service | grep start"), "etcd.service on cp2 to be starting");
                await Node("cp2").KillUnitAsync("etcdfleet-agent");
            },
            NoDropInAsync, "A3/cp2/start-etcd", ["A3/cp2/start-etcd", "A3/cp2/chown-etcd-files", "A3/cp2/stash-manifest"]);

        var settled = Assert.Single(AuditLines(Node("cp2")), line => line.Text("what") == "recovered");
        Assert.Equal(("A3/cp2/start-etcd", "Finished"), (settled.Text("step"), settled.Text("outcome")));
        var status = await Fixture.Fleet.CoordinatorAsync(Token, "status");
        Assert.Matches(@"cp2\s+\S+ \S+\s+StartUnit\s+A3/cp2/start-etcd\s+finished", status.Output);
    }

    [Fact]
    public Task PowerCutBetweenInstallationAndCutover_StartsNoSecondEtcd() => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        await InstalledOnlyAsync(node);
        var before = await NodeState.OfAsync(Lab, node);
        Assert.Equal("enabled", before.Unit["UnitFileState"]);

        await node.PowerCutAsync(Token);
        await node.BootAsync(Token);
        await HealthyAsync(node);
        await AgentServesAsync(node);

        var after = await NodeState.OfAsync(Lab, node);
        after.AssertBackOnItsPod(before);
        Assert.Equal("no", after.Unit["AssertResult"]); // systemd tried, and AssertPathExists= forbade it
        Assert.Equal("running", (await node.RunAsync("systemctl", "is-system-running")).Output.Trim());
    });

    [Fact]
    public Task CoordinatorKilledInTheMiddle_IsFinishedByTheNextMigrate() => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        var before = await LookAsync();
        await node.PodStopsSlowlyAsync(Wide);
        await using var first = RunningMigration.Start(Lab, Inventory);
        await first.UntilStartedAsync("A3/cp2/await-pod-gone");
        await first.KillAsync();
        var killed = await first.EndAsync();
        Assert.Equal(137, killed.Exit);
        Assert.Empty(killed.Steps("run-ended"));
        Assert.Null((await NodeState.OfAsync(Lab, node)).Manifest);

        var second = await MigrateAsync(Inventory);
        await node.EndFaultsAsync();

        second.AssertEnded(0);
        Assert.Contains(second.Events, line => line.Is("note") && line.Text("text").Contains($"run {killed.Run} ended without a last word", StringComparison.Ordinal));
        Assert.Contains(("half-way", "cp2", "warning"), second.Findings.Select(finding => (finding.Check, finding.Node, finding.Severity)));
        Assert.Contains("A3/cp1/start-etcd", second.Steps("already-done"));
        Assert.Empty(second.Steps("undo-intent"));
        var evidence = second.Evidence("The same cluster");
        Assert.All(evidence, row => Assert.Equal(row[1], row[2]));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnderSystemd(before[name]);
        }

        await EtcdIsVerifiedAsync();
    });

    /// <summary>A failing cutover of cp2 alone: exit code 4, cp2 is as it was, and nobody has touched the others.</summary>
    private Task GoesBackAsync(Func<LabNode, Task> fault, Func<RunningMigration, Task>? meanwhile, Func<LabNode, Task> end, string failed, string[] undone, params string[] options) => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        await InstalledOnlyAsync(node);
        var before = await LookAsync();
        await fault(node);
        await using var run = RunningMigration.Start(Lab, Inventory, ["--node", "cp2", .. options]);
        await (meanwhile?.Invoke(run) ?? Task.CompletedTask);
        var result = await run.EndAsync();
        await end(node);

        result.AssertUndone(failed, undone);
        var after = await LookAsync();
        after["cp2"].AssertBackOnItsPod(before["cp2"]);
        foreach (var other in Lab.Nodes.Where(other => other != node))
        {
            after[other.Name].AssertNotCutOver(before[other.Name]);
            Assert.Empty(CutOverVerbs(other, result.Run));
        }

        Assert.DoesNotContain(result.Journal, record => record.Text("step") is var step && (step.StartsWith("A3/cp1", StringComparison.Ordinal) || step.StartsWith("A3/cp3", StringComparison.Ordinal)));
        Assert.NotEmpty(CutOverVerbs(node, result.Run));
    });

    /// <summary>A2 is done everywhere and A3 nowhere: what an earlier failure leaves, or a first one of its own.</summary>
    private async Task InstalledOnlyAsync(LabNode node)
    {
        if ((await node.RunAsync("systemctl", "is-enabled", "etcd.service")).ExitCode == 0)
        {
            return;
        }

        await node.PodDoesNotStopAsync();
        (await MigrateAsync(Inventory, "--node", node.Name, "--pod-stop-deadline", "1s")).AssertEnded(4);
        await node.EndFaultsAsync();
    }
}
