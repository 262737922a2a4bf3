using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Checks;

/// <summary>What bad input gets before A4 to A6: refused, exit 3, and not one mutating call.</summary>
public sealed class KubernetesChecksTests
{
    private static readonly Dictionary<string, (string Check, string Node, string Found, Action<FakeFleet> Spoil)> BadInputs = new()
    {
        ["patches that would be lost"] = ("apiserver-manifest", "cp2", "spec.containers[kube-apiserver].resources.requests.cpu: 500m -> 250m", fleet => fleet["cp2"].ApiServer.Drift = "spec.containers[kube-apiserver].resources.requests.cpu: 500m -> 250m"),
        ["hand-edited manifest"] = ("apiserver-manifest", "cp3", "--audit-log-maxage: 30 -> (not set)", fleet => fleet["cp3"].ApiServer.Drift = "--audit-log-maxage: 30 -> (not set)"),
        ["endpoint that no member has"] = ("endpoint", "cp3", "https://10.66.0.13:2379, which no member has", fleet => Every(fleet, member => member.Members[2].ClientUrls[0] = "https://10.99.0.13:2379")),
        ["kubeadm of another minor"] = ("kubeadm-config", "cp1", "kubeadm on this node is v1.36.0, the cluster is v1.35.6", fleet => fleet["cp1"].Configuration = config => config.Problems.Add("kubeadm on this node is v1.36.0, the cluster is v1.35.6; expected the same minor")),
        ["no admin.conf"] = ("admin-conf", "cp1", "the leader has no /etc/kubernetes/admin.conf", fleet => fleet["cp1"].Configuration = config => config.HasAdminConf = false),
        ["apiserver down elsewhere"] = ("apiserver", "cp2", "no apiserver runs", fleet => fleet["cp2"].ApiServer.Down = true),
        ["kubeadm missing on a follower"] = ("kubeadm", "cp3", "there is no kubeadm", fleet => fleet.With("RenderApiServer", "cp3", new(FaultKind.Refuse) { Reason = FaultReason.KubeadmMissing })),
    };

    public static TheoryData<string> EveryBadInput() => [.. BadInputs.Keys];

    [Theory]
    [MemberData(nameof(EveryBadInput))]
    public async Task Migrate_BadInput_Exit3WithFoundExpectedAndFix_AndNothingIsCalled(string input)
    {
        var (check, node, found, spoil) = BadInputs[input];
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        spoil(fleet);

        using var run = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();

        Assert.Equal((ExitCode.Refused, 0), (run.Exit, fleet.Calls.Count));
        var finding = Assert.Single(run.Reporter.Findings, finding => finding.Severity == Severity.Refusal);
        Assert.Equal((check, node), (finding.Check, finding.Node));
        Assert.True(finding.Found.Contains(found, StringComparison.Ordinal) || input.StartsWith("kubeadm missing", StringComparison.Ordinal), finding.Found);
        Assert.True(finding.Fix.Length > 8, finding.Fix);
    }

    [Theory]
    [MemberData(nameof(EveryBadInput))]
    public async Task Migrate_EtcdOnly_DoesNotAskForIt(string input)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        BadInputs[input].Spoil(fleet);

        using var run = await new FleetRun(fleet, state).MigrateAsync();

        Assert.DoesNotContain(run.Reporter.Findings, finding => finding.Check == BadInputs[input].Check && finding.Severity == Severity.Refusal);
    }

    [Fact]
    public async Task Evaluate_EverythingIsWell_PassesEveryCheck()
    {
        var fleet = new FakeFleet(Inventory.Of(3));

        var findings = await EvaluateAsync(fleet);

        Assert.All(findings, finding => Assert.Equal(Severity.Pass, finding.Severity));
        Assert.Equal(["apiserver", "apiserver-manifest", "endpoint", "kubeadm-config"], findings.Select(finding => finding.Check).Distinct().Order());
    }

    /// <summary>Its etcd is down because a run ended there: the next run brings it up, and must not be refused for what follows from that.</summary>
    [Fact]
    public async Task Evaluate_HalfWayNodesApiServerIsNotReady_IsAWarning()
    {
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp2"].Place = StaticPod.Types.Place.Stashed;
        fleet["cp2"].ApiServer.Down = true;

        var warning = Assert.Single(await EvaluateAsync(fleet), finding => finding.Severity != Severity.Pass);

        Assert.Equal((Severity.Warning, "cp2"), (warning.Severity, warning.Node));
    }

    [Fact]
    public async Task Evaluate_ApiServerThatAnEarlierRunRestarted_IsAWarning()
    {
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp2"].ApiServer.Kept = FakeApiServer.Stacked;
        fleet["cp2"].ApiServer.ChangedAt = fleet.Now;

        var warning = Assert.Single(await EvaluateAsync(fleet), finding => finding.Severity != Severity.Pass);

        Assert.Equal((Severity.Warning, "apiserver"), (warning.Severity, warning.Check));
    }

    private static async Task<List<Finding>> EvaluateAsync(FakeFleet fleet) =>
    [
        .. KubernetesChecks.Evaluate(
            fleet.Inventory, await NodeReport.OfAllAsync(fleet.Inventory, fleet, fleet.Time, CancellationToken.None),
            await KubernetesReport.OfAllAsync(fleet.Inventory, fleet, render: true, CancellationToken.None)),
    ];

    private static void Every(FakeFleet fleet, Action<GetMemberResponse> change)
    {
        foreach (var node in fleet.Nodes)
        {
            node.Member = change;
        }
    }
}
