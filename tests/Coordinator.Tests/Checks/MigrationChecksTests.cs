using EtcdFleet.Coordinator.Checks;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Checks;

/// <summary>What bad input gets: refused before anything changes, with what was found, what was expected and what to do.</summary>
public sealed class MigrationChecksTests
{
    public static TheoryData<string> EveryBadInput() => [.. BadInputs.All.Keys];

    [Theory]
    [MemberData(nameof(EveryBadInput))]
    public async Task Evaluate_BadInput_IsRefusedWithFoundExpectedAndFix(string input)
    {
        var bad = BadInputs.All[input];
        var fleet = new FakeFleet(bad.Inventory) { MayBeDown = 3 };
        bad.Spoil(fleet);

        var findings = await EvaluateAsync(fleet);

        var finding = Assert.Single(findings, finding => finding.Severity == Severity.Refusal && finding.Check == bad.Check && finding.Node == bad.Node);
        Assert.Contains(bad.Found, finding.Found, StringComparison.Ordinal);
        Assert.Contains("expected", finding.Found, StringComparison.Ordinal);
        Assert.True(finding.Fix.Length > 8, $"no word on what to do: '{finding.Fix}'");
    }

    /// <summary>The same as a run: exit 3, and not one mutating call.</summary>
    [Theory]
    [MemberData(nameof(EveryBadInput))]
    public async Task Migrate_BadInput_Exit3AndNothingIsCalled(string input)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(BadInputs.All[input].Inventory) { MayBeDown = 3 };
        BadInputs.All[input].Spoil(fleet);

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.Equal((ExitCode.Refused, ""), (run.Exit, run.Exit == ExitCode.Refused ? "" : run.Why));
        Assert.Empty(fleet.Calls);
    }

    [Fact]
    public async Task Evaluate_EverythingIsWell_PassesEveryCheckOnEveryNode()
    {
        var findings = await EvaluateAsync(new FakeFleet(Inventory.Of(3)));

        Assert.All(findings, finding => Assert.Equal((Severity.Pass, ""), (finding.Severity, finding.Fix)));
        Assert.Equal(["agent", "certificate", "data-dir", "manifest", "member", "member-name", "room", "version"], findings.Where(finding => finding.Node == "cp2").Select(finding => finding.Check).Distinct().Order());
    }

    /// <summary>Worth a word, and no reason not to begin.</summary>
    [Theory]
    [InlineData("certificate", "expires at")]
    [InlineData("clock", "its clock is 60 s from this machine's")]
    [InlineData("other-etcd", "/usr/bin/etcd 3.5.16")]
    [InlineData("machine", "cp1 and cp2 have one machine-id, as cloned machines do")]
    [InlineData("half-way", "its manifest is stashed, and etcd is not up under systemd")]
    public async Task Evaluate_WorthAWord_IsAWarning(string check, string found)
    {
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp2"].Facts = facts =>
        {
            switch (check)
            {
                case "certificate":
                    facts.Certificates[0].NotAfter = facts.Agent.Now + Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromDays(10));
                    break;
                case "clock":
                    facts.Agent.Now += Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(60));
                    break;
                case "machine":
                    facts.Agent.MachineId = "id-cp1";
                    break;
                case "other-etcd":
                    facts.Release.OtherEtcd = "/usr/bin/etcd 3.5.16";
                    break;
            }
        };
        if (check == "half-way")
        {
            fleet["cp2"].Place = Agent.V1.StaticPod.Types.Place.Stashed;
        }

        var findings = await EvaluateAsync(fleet);

        var warning = Assert.Single(findings, finding => finding.Severity == Severity.Warning);
        Assert.Equal((check, "cp2"), (warning.Check, warning.Node));
        Assert.Contains(found, warning.Found, StringComparison.Ordinal);
        Assert.DoesNotContain(findings, finding => finding.Severity == Severity.Refusal);
    }

    [Theory]
    [InlineData(false, "Refusal")]
    [InlineData(true, "Warning")]
    public async Task Evaluate_OneMember_NeedsTheOperatorsWord(bool accepted, string severity)
    {
        var findings = await EvaluateAsync(new FakeFleet(Inventory.Of(1)), accepted);

        Assert.Equal(severity, findings.Single(finding => finding.Check == "quorum").Severity.ToString());
    }

    private static async Task<IReadOnlyList<Finding>> EvaluateAsync(FakeFleet fleet, bool acceptDowntime = false) => MigrationChecks.Evaluate(
        fleet.Inventory, await NodeReport.OfAllAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None), new() { Now = fleet.Now, AcceptDowntime = acceptDowntime });
}
