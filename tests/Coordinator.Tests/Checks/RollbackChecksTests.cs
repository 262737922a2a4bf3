using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Checks;

public sealed class RollbackChecksTests
{
    [Theory]
    [InlineData("agent", "expected its agent's answer")]
    [InlineData("member", "its member is not healthy")]
    [InlineData("manifest", "expected it in use or stashed, once")]
    public async Task Rollback_BadInput_Exit3AndNothingIsCalled(string check, string found)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        using var there = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();
        var calls = fleet.Calls.Count;
        switch (check)
        {
            case "agent":
                fleet["cp2"].AwayUntil = DateTimeOffset.MaxValue;
                break;
            case "member":
                fleet["cp2"].Sick = "connection refused";
                break;
            default:
                fleet["cp2"].Facts = facts => facts.EtcdPod.Place = StaticPod.Types.Place.Both;
                break;
        }

        using var back = await new FleetRun(fleet, state).RollbackAsync();

        Assert.Equal((ExitCode.Refused, calls), (back.Exit, fleet.Calls.Count));
        Assert.Contains(back.Reporter.Findings, finding => finding.Severity == Severity.Refusal && finding.Check == check && finding.Found.Contains(found, StringComparison.Ordinal));
    }
}
