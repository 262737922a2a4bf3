using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>What goes wrong before any member is stopped.</summary>
public sealed class EarlyFailureTests
{
    public static TheoryData<string, string, string> EveryInstallStep() =>
    [
        .. from node in (string[])["cp1", "cp2", "cp3"]
           from rpc in (string[])["InstallRelease", "WriteEtcdEnv", "InstallUnit"]
           from kind in (FaultKind[])[FaultKind.Fail, FaultKind.FailAfterChange, FaultKind.VanishAfterChange]
           select new TheoryDataRow<string, string, string>(node, rpc, kind.ToString()),
    ];

    [Fact]
    public async Task Migrate_ACheckRefuses_NoMutatingCallAtAll()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)) { MayBeDown = 3 };
        fleet["cp2"].Sick = "connection refused";
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.Empty(fleet.Calls);
        Assert.Equal(["run-started", "lock-taken", "finding Refusal/cp2/member", "refused A1/fleet/check-fleet", "run-ended 3"], run.Lines);
        Assert.Contains(run.Reporter.Findings, finding => finding is { Severity: Severity.Refusal, Node: "cp2" });
    }

    [Theory]
    [InlineData(FaultReason.DigestMismatch)]
    [InlineData(FaultReason.NoSpace)]
    [InlineData(FaultReason.VersionMismatch)]
    public async Task Migrate_TheReleaseIsRefused_Exit3AndOnlyCachesFilled(FaultReason reason)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("FetchRelease", "cp3", new(FaultKind.Refuse) { Reason = reason });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.All(fleet.Calls, call => Assert.Equal("FetchRelease", call.Rpc));
        Assert.Contains("A1/cp3/fetch-release", run.Why, StringComparison.Ordinal);
        Assert.Contains("run-ended 3", run.Lines);
    }

    [Fact]
    public async Task Migrate_TheMembersDataDiffer_Exit3BeforeAnythingChanges()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp3"].Corrupt = true;
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.Empty(fleet.Calls);
        Assert.Contains("HashKV at revision", run.Why, StringComparison.Ordinal);
        Assert.Contains("on cp3", run.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrate_TheSnapshotFails_NothingIsInstalled()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("TakeSnapshot", "cp2", new(FaultKind.Refuse) { Reason = FaultReason.NoSpace });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.DoesNotContain(fleet.Nodes, node => node.UnitInstalled || node.EnvWritten || node.Installed.Length > 0);
    }

    [Theory]
    [MemberData(nameof(EveryInstallStep))]
    public async Task Migrate_AnInstallStepFails_UndoneOnItsNodeAlone(string node, string rpc, string kind)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With(rpc, node, new(Enum.Parse<FaultKind>(kind)) { For = TimeSpan.FromSeconds(5) });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit);
        Assert.Equal((false, false, ""), (fleet[node].UnitInstalled, fleet[node].EnvWritten, fleet[node].Installed));
        Assert.All(fleet.Nodes.Where(other => other.Name != node), other => Assert.Equal((true, true), (other.UnitInstalled, other.EnvWritten)));
        Assert.DoesNotContain(fleet.Calls, call => call.Step.StartsWith("A3/", StringComparison.Ordinal));

        // In reverse, and only what began.
        string[] all = ["InstallRelease", "WriteEtcdEnv", "InstallUnit"];
        string[] undo = ["RemoveRelease", "RemoveEtcdEnv", "RemoveUnit"];
        var began = Array.IndexOf(all, rpc) + 1;
        Assert.Equal(undo.Take(began).Reverse(), fleet.Calls.Where(call => call.Node == node && call.Rpc.StartsWith("Remove", StringComparison.Ordinal)).Select(call => call.Rpc));
    }

    [Fact]
    public async Task Migrate_TheFirstInstallStepIsRefused_ItsLaneIsLeftAsItWas()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With("InstallRelease", "cp1", new(FaultKind.Refuse) { Reason = FaultReason.VersionMismatch });
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.FailedAndUndone, run.Exit); // cp2 and cp3 have been changed: that is not "nothing changed"
        Assert.Equal(["intent A2/cp1/install-release", "refused A2/cp1/install-release"], run.LinesOf("A2/cp1"));
    }

    [Fact]
    public async Task Migrate_ANodesAgentDoesNotAnswer_Exit3()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;
        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal(ExitCode.Refused, run.Exit);
        Assert.Empty(fleet.Calls);
    }
}
