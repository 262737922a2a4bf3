using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Engine;

/// <summary>A4 to A8 on simulated machines: their order, what a failure takes back, and what never happens.</summary>
public sealed class KubernetesHalfTests
{
    private const string AllEndpoints = "https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379";

    /// <summary>Every step of A4 to A6, in both orders.</summary>
    public static TheoryData<string, string> StepsToFail() =>
    [
        .. from order in Enum.GetNames<MigrateOrder>()
           from rpc in (string[])["UploadClusterConfiguration/cp1", "RegenerateApiServer/cp1", "RegenerateApiServer/cp2", "RegenerateApiServer/cp3", "AwaitApiServer/cp1", "AwaitApiServer/cp3"]
           select new TheoryDataRow<string, string>(order, rpc),
    ];

    [Theory]
    [InlineData(nameof(MigrateOrder.Pep), "A3 A4 A5 A6 A8")]
    [InlineData(nameof(MigrateOrder.ApiServerFirst), "A4 A5 A6 A3 A8")]
    public async Task Migrate_InEachOrder_DoesAllOfFlowA(string order, string stages)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));

        using var run = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        Assert.Equal((ExitCode.Done, AllEndpoints), (run.Exit, fleet.External));
        Assert.All(fleet.Nodes, node => Assert.Equal((true, AllEndpoints, FakeApiServer.Stacked), (node.UnitUp, node.ApiServer.Manifest, node.ApiServer.Kept)));
        Assert.Empty(fleet.Violations);
        Assert.Equal(stages, string.Join(' ', run.Records.Where(record => record.Kind is JournalKind.Receipt && record.Step[1] > '2').Select(record => record.Step[..2]).Distinct()));
        Assert.Single(fleet.Calls, call => call.Rpc == "UploadClusterConfiguration"); // D11
    }

    [Theory]
    [MemberData(nameof(StepsToFail))]
    public async Task Step_ThatFails_GivesItsNodeAndTheConfigurationBack(string order, string where)
    {
        using var state = new TempState();
        var (rpc, node) = (where.Split('/')[0], where.Split('/')[1]);
        var fleet = new FakeFleet(Inventory.Of(3)).With(rpc, node, new(FaultKind.FailAfterChange) { Reason = FaultReason.ProgramFailed });

        using var run = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        Assert.Equal((ExitCode.FailedAndUndone, ""), (run.Exit, fleet.External));
        Assert.Equal(FakeApiServer.Stacked, fleet[node].ApiServer.Manifest);
        Assert.Empty(fleet.Violations);
        Assert.DoesNotContain(fleet.Calls, call => call.Rpc == "RegenerateApiServer" && string.CompareOrdinal(call.Node, node) > 0); // no other node is touched
    }

    [Theory]
    [MemberData(nameof(StepsToFail))]
    public async Task Step_ThatFailedOnce_IsDoneByTheNextMigrate(string order, string where)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3)).With(where.Split('/')[0], where.Split('/')[1], new(FaultKind.FailAfterChange) { Reason = FaultReason.ProgramFailed });
        using var first = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        using var second = await new FleetRun(fleet, state) { Scope = new() { Order = Enum.Parse<MigrateOrder>(order) } }.MigrateAsync();

        Assert.Equal((ExitCode.FailedAndUndone, ExitCode.Done, AllEndpoints), (first.Exit, second.Exit, fleet.External));
        Assert.All(fleet.Nodes, node => Assert.Equal(AllEndpoints, node.ApiServer.Manifest));
        Assert.Empty(fleet.Violations);
    }

    [Fact]
    public async Task ApiServer_ThatNeverGetsReady_GetsItsManifestBack()
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));
        fleet["cp2"].ApiServer.NeverReady = true;

        using var run = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync();

        Assert.Equal((ExitCode.FailedAndUndone, ""), (run.Exit, fleet.External));
        Assert.Equal([AllEndpoints, FakeApiServer.Stacked, FakeApiServer.Stacked], fleet.Nodes.Select(node => node.ApiServer.Manifest));
        Assert.All(fleet.Nodes, node => Assert.True(node.UnitUp, "etcd stays where it is"));
        Assert.Contains("undone A5/cp1/upload-kubeadm-config", run.Lines);
    }

    [Theory]
    [InlineData("A4", false)]
    [InlineData("A3", true)]
    public async Task NodesByName_EndAfterA3(string absent, bool there)
    {
        using var state = new TempState();
        var fleet = new FakeFleet(Inventory.Of(3));

        using var run = await new FleetRun(fleet, state) { Scope = MigrateScope.All }.MigrateAsync("cp2");

        Assert.Equal((ExitCode.Done, ""), (run.Exit, fleet.External));
        Assert.Equal(there, run.Lines.Any(line => line.Contains($" {absent}/cp2/", StringComparison.Ordinal) || line.Contains($" {absent}/cp1/", StringComparison.Ordinal)));
    }
}
