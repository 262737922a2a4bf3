using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Kubernetes;

/// <summary>What dies in A5 to A7, what is taken back by itself, and how the job is finished or undone afterwards. In the order of the text: each goes on where the one before ended.</summary>
public sealed class UndoScenarios(KubernetesLab fixture) : Scenario(fixture), IClassFixture<KubernetesLab>
{
    private const string External = "  external:";

    [Fact]
    public Task ApiServerThatNeverGetsReady_GetsItsManifestBack_AndTheConfigurationToo() => UnderWritesAsync(async () =>
    {
        var (configuration, manifests) = (await fixture.ConfigurationAsync(Token), Lab.Nodes.Select(KubernetesLab.Manifest).ToList());
        var node = Node("cp2");

        // A real one alone takes 30 s to go and 15 s to come (FACTS 14).
        await using var run = RunningMigration.Start(Lab, Inventory, "--apiserver-deadline", Lab.IsReal ? "90s" : "15s");
        await run.UntilStartedAsync("A6/cp2/regenerate-api-server");
        await fixture.ApiServersNeverGetReadyAsync(node);
        await run.UntilUndoingAsync("A6/cp2/regenerate-api-server");
        await fixture.ApiServersGetReadyAsync(node);
        var ended = await run.EndAsync();

        ended.AssertEnded(4);
        Assert.Equal(["A6/cp2/regenerate-api-server", "A5/cp1/upload-kubeadm-config"], ended.Steps("undone"));
        Assert.Equal(configuration, await fixture.ConfigurationAsync(Token));
        Assert.Equal(manifests.Skip(1), Lab.Nodes.Skip(1).Select(KubernetesLab.Manifest));
        await fixture.AllReadyAsync(Token);
    });

    [Fact]
    public Task AgentKilledDuringUpload_TheConfigurationIsAsBefore() => UnderWritesAsync(async () =>
    {
        var configuration = await fixture.ConfigurationAsync(Token);
        await using var run = RunningMigration.Start(Lab, Inventory);
        await run.UntilStartedAsync("A5/cp1/upload-kubeadm-config");
        await Node("cp1").KillUnitAsync("etcdfleet-agent.service");
        var ended = await run.EndAsync();

        ended.AssertEnded(4);
        Assert.Equal(["A5/cp1/upload-kubeadm-config"], ended.Steps("undone"));
        Assert.Equal(configuration, await fixture.ConfigurationAsync(Token));
        Assert.Empty(Directory.Exists(Node("cp1").HostPath("/var/lib/etcdfleet/scratch")) ? Directory.GetDirectories(Node("cp1").HostPath("/var/lib/etcdfleet/scratch")) : []); // IR-8
    });

    [Fact]
    public Task CoordinatorKilledAfterUpload_RollbackGoesBack() => UnderWritesAsync(async () =>
    {
        await KilledAfterUploadAsync();
        Assert.Contains(External, await fixture.ConfigurationAsync(Token), StringComparison.Ordinal);

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "rollback");
        (await run.EndAsync()).AssertEnded(0);

        Assert.DoesNotContain(External, await fixture.ConfigurationAsync(Token), StringComparison.Ordinal);
        Assert.All((await LookAsync()).Values, state => Assert.NotNull(state.Manifest));
        Assert.All(Lab.Nodes, node => Assert.Contains("--etcd-servers=https://127.0.0.1:2379", KubernetesLab.Manifest(node), StringComparison.Ordinal));
    });

    [Fact]
    public Task CoordinatorKilledAfterUpload_ResumeFinishes() => UnderWritesAsync(async () =>
    {
        await KilledAfterUploadAsync();

        await using var run = RunningMigration.StartVerb(Lab, Inventory, "resume");
        (await run.EndAsync()).AssertEnded(0);

        Assert.Contains(External, await fixture.ConfigurationAsync(Token), StringComparison.Ordinal);
        var verify = await fixture.Fleet.CoordinatorAsync(Token, "verify");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
    });

    private async Task KilledAfterUploadAsync()
    {
        await using var run = RunningMigration.Start(Lab, Inventory);
        await run.UntilStartedAsync("A6/cp1/other-api-servers-ready");
        await run.KillAsync();
        Assert.Equal(137, (await run.EndAsync()).Exit);
    }
}
