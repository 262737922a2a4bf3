using System.Globalization;
using EtcdFleet.Lab.Writing;
using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios.Kubernetes;

/// <summary>All of flow A in both orders, and the way back, under both clients' writes. The lab is stacked again after each of them.</summary>
public sealed class FlowAScenarios(KubernetesLab fixture) : Scenario(fixture), IClassFixture<KubernetesLab>
{
    private const string Endpoints = "https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379";

    [Theory]
    [InlineData("pep")]
    [InlineData("apiserver-first")]
    public Task Migrate_AndBack_UnderBothClients_ChangesNothingButEtcd(string order) => DumpedAsync(async () =>
    {
        var before = await LookAsync();
        var configuration = await fixture.ConfigurationAsync(Token);
        var manifests = Lab.Nodes.Select(KubernetesLab.Manifest).ToList();

        var (there, etcd, api) = await fixture.UnderBothClientsAsync(() => MigrateAsync(Inventory, "--order", order), Token);

        there.AssertEnded(0);
        AssertSound(etcd);
        AssertServed(order, there, api);
        var now = await fixture.ConfigurationAsync(Token);
        Assert.Equal(KubernetesLab.WithoutEtcd(configuration), KubernetesLab.WithoutEtcd(now));
        Assert.Contains("  external:\n", now, StringComparison.Ordinal);
        Assert.All(Lab.Nodes.Zip(manifests), pair => Assert.Equal([$"    - --etcd-servers={Endpoints}"], KubernetesLab.NotIn(KubernetesLab.Manifest(pair.First), pair.Second)));
        var verify = await fixture.Fleet.CoordinatorAsync(Token, "verify", "--report", "/root/done.md");
        Assert.True(verify.ExitCode == 0, verify.Output + verify.Error);
        Assert.All(Enumerable.Range(1, 5), i => Assert.Matches($@"DC-{i}\s+met", verify.Output));
        Assert.Contains("| DC-5 | met |", await File.ReadAllTextAsync($"{Lab.Ops.Root}/root/done.md", Token), StringComparison.Ordinal);

        (var back, etcd, api) = await fixture.UnderBothClientsAsync(RollbackAsync, Token);

        back.AssertEnded(0);
        AssertSound(etcd);
        AssertServed("rollback", back, api);
        Assert.Equal(configuration, await fixture.ConfigurationAsync(Token));
        Assert.Equal(manifests, Lab.Nodes.Select(KubernetesLab.Manifest));
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertBackOnItsPod(before[name]);
        }
    });

    private async Task<MigrationResult> RollbackAsync()
    {
        await using var run = RunningMigration.StartVerb(Lab, Inventory, "rollback");
        return await run.EndAsync();
    }

    /// <summary>Nothing is lost, and no more fails than the connections that three apiservers cut when they go.</summary>
    private static void AssertServed(string what, MigrationResult result, WriterReport api)
    {
        Say($"  {what}: {api.Writes} writes through the load balancer, {api.Failed} failed, {api.Lost} lost, longest gap {api.LongestPauseMs:0} ms; took {result.Events.Single(line => line.Is("run_ended")).GetProperty("took_ms").GetDouble() / 1000:0.0} s");
        Assert.True(api is { Lost: 0, Writes: > 0 }, string.Join("; ", api.Losses));
        Assert.True(api.Failed <= 6, string.Create(CultureInfo.InvariantCulture, $"{api.Failed} writes failed: {string.Join("; ", api.Errors)}"));
    }
}
