using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>A coordinator that is stopped for longer than its lock lasts, and wakes up when another one has finished its work.</summary>
public sealed class LeaseScenarios(StackedLab fixture) : Scenario(fixture), IClassFixture<StackedLab>
{
    [Fact]
    public Task CoordinatorStoppedPastItsLock_ChangesNothingWhenItWakesUp() => UnderWritesAsync(async () =>
    {
        var node = Node("cp2");
        var before = await LookAsync();
        await node.PodStopsSlowlyAsync(TimeSpan.FromSeconds(6));
        await using var first = RunningMigration.Start(Lab, Inventory, "--lease-ttl", "5s");
        await first.UntilStartedAsync("A3/cp2/await-pod-gone");
        await first.StopAsync();

        await using var other = RunningMigration.StartVerb(Lab, Inventory, "resume", "--state", "/root/another-operator");
        var second = await other.EndAsync();
        await node.EndFaultsAsync();
        second.AssertEnded(0);
        var done = await LookAsync();

        await first.ContinueAsync();
        var late = await first.EndAsync();

        late.AssertEnded(6);
        var outcome = late.Events.Single(line => line.Is("run_ended")).Text("outcome");
        Assert.StartsWith("the lock was lost: ", outcome, StringComparison.Ordinal);
        Assert.Contains("This run has changed nothing since, and undone nothing", outcome, StringComparison.Ordinal);
        Assert.Equal("lock-lost", late.Journal[^2].Text("kind"));
        Assert.Empty(late.Steps("undone"));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnderSystemd(before[name]);
            state.AssertUnchanged(done[name]);

            // The agent's own word: from the other one's grant on it has let no verb of the first one begin.
            var audit = AuditLines(Node(name));
            var granted = audit.ToList().FindIndex(line => line.Text("what") == "lease" && line.Text("outcome") == "granted" && line.Text("run") == second.Run);
            Assert.True(granted > 0, $"{name} has not granted the second run its lease");
            Assert.DoesNotContain(audit.Skip(granted), line => line.Text("run") == late.Run && line.Text("what") == "begin");
        }

        Say($"  the second run waited for the lock and finished; the first one woke up and said: {outcome}");
        await EtcdIsVerifiedAsync();
    });
}
