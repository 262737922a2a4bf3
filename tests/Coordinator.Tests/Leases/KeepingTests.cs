using EtcdFleet.Coordinator.Engine;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Leases;

/// <summary>How a run keeps its lock over everything that takes time, and over agents that forget it.</summary>
public sealed class KeepingTests : IDisposable
{
    private readonly TempState _state = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(3)) { PodStopTime = TimeSpan.FromSeconds(80) };

    [Fact]
    public async Task Run_LongerThanTheLease_RenewsIt()
    {
        var renewals = 0UL;
        _fleet.OnCall = (rpc, node, done) => renewals = rpc == "RenewLease" && done ? Math.Max(renewals, _fleet.Leases[node].Renewals ?? 0) : renewals;
        using var run = await new FleetRun(_fleet, _state).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.InRange(renewals, 24UL, 40UL); // three Pods of 80 s, every 10 s
        Assert.DoesNotContain("lock-raised", run.Lines);
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal((null, 1UL), (lease.Run, lease.Highest)));
    }

    [Fact]
    public async Task Run_AnotherLeaseTime_IsTheOneThatAgentsAreAskedFor()
    {
        List<TimeSpan> asked = [];
        _fleet.OnCall = (rpc, node, done) => asked.AddRange(rpc == "AcquireLease" && done ? [_fleet.Leases[node].Ttl!.Value] : []);
        using var run = await new FleetRun(_fleet, _state, new() { LeaseTtl = TimeSpan.FromSeconds(6) }).MigrateAsync();

        Assert.Equal(ExitCode.Done, run.Exit);
        Assert.Equal([TimeSpan.FromSeconds(6)], asked.Distinct());
    }

    public static TheoryData<string, string> Forgotten() => new()
    {
        { "fetch-release", "reboot" }, { "take-snapshot", "file gone" }, { "install-unit", "reboot" }, { "stash-manifest", "reboot" }, { "chown-etcd-files", "file gone" }, { "start-etcd", "reboot" },
    };

    /// <summary>The call was refused before its verb, so it comes again under its own id, with a fence above.</summary>
    [Theory]
    [MemberData(nameof(Forgotten))]
    public async Task Agent_ForgetsTheLease_TheFenceIsRaisedAndTheCallRepeated(string step, string how)
    {
        using var run = new FleetRun(_fleet, _state);
        run.Reporter.On = Once(step, () => Forget("cp2", how));
        await run.MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.Equal("2", run.Records.Single(record => record.Kind == JournalKind.LockRaised).Facts!["fence"]);
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal((null, 2UL), (lease.Run, lease.Highest)));
        Assert.Equal(_fleet.Calls.Count, _fleet.Calls.Select(call => call.Operation).Distinct().Count());
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("failed", StringComparison.Ordinal) || line.StartsWith("refused", StringComparison.Ordinal));
        Assert.Empty(_fleet.Violations);
    }

    /// <summary>One after the other, with renewals between them: each comes back into the majority before the next one leaves it.</summary>
    [Fact]
    public async Task Agents_AllRebooted_OneAfterTheOther_TheLockIsKept()
    {
        using var run = new FleetRun(_fleet, _state);
        run.Reporter.On = happened =>
        {
            if (happened is RunEvent.StepStarted { Undoing: false, Id: { Stage: "A3", Step: "await-pod-gone" } } started)
            {
                _fleet.Leases[started.Id.Node].Boot = $"boot-after-{started.Id.Node}";
            }
        };
        await run.MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.Equal(3, run.Records.Count(record => record.Kind == JournalKind.LockRaised));
    }

    /// <summary>An agent that was not there at the start, and is when its turn comes.</summary>
    [Fact]
    public async Task Agent_AwayForAWhile_GetsTheLeaseWithTheNextRenewal()
    {
        using var run = new FleetRun(_fleet, _state);
        run.Reporter.On = Once("await-pod-gone", () => _fleet["cp3"].AwayUntil = _fleet.Now + TimeSpan.FromSeconds(60), "cp1");
        await run.MigrateAsync();

        Assert.Equal((ExitCode.Done, ""), (run.Exit, run.Exit == ExitCode.Done ? "" : run.Why));
        Assert.All(_fleet.Leases.Values, lease => Assert.Equal(2UL, lease.Highest));
    }

    public void Dispose() => _state.Dispose();

    private static Action<RunEvent> Once(string step, Action does, string node = "cp2")
    {
        var done = false;
        return happened =>
        {
            if (!done && happened is RunEvent.StepStarted { Undoing: false } started && started.Id.Step == step && started.Id.Node == (step == "take-snapshot" ? StepId.WholeFleet : node))
            {
                done = true;
                does();
            }
        };
    }

    private void Forget(string node, string how) => _fleet.Leases[node] = how == "reboot" ? _fleet.Leases[node] with { Boot = "boot-2" } : new();
}
