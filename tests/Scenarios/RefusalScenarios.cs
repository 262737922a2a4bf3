using EtcdFleet.Scenarios.Labs;
using EtcdFleet.Scenarios.Runs;
using Xunit;

namespace EtcdFleet.Scenarios;

/// <summary>What a migration must not begin with: exit code 3, said with what was found, what was expected and what to do, and nothing changed anywhere.</summary>
[Collection(nameof(UnsoundLab))]
public sealed class RefusalScenarios(UnsoundLab fixture) : Scenario(fixture)
{
    [Theory]
    [InlineData("certificate", "cp1", "healthcheck-client.crt expired at .*, expected one that is valid now", "kubeadm certs renew")]
    [InlineData("member-name", "cp2", @"named 'another-name', expected 'cp2' \(IR-6\)", "give the node its member's name")]
    [InlineData("learner", "fleet", "'cp3' is a learner, expected voting members only", "promote it")]
    public Task NodeThatIsNotSound_IsRefused(string check, string node, string found, string fix) =>
        RefusedAsync(Inventory, check, node, found, fix);

    [Fact]
    public Task OtherVersionThanRuns_IsRefused() => UnderInventoryAsync(
        Fixture.Yaml.Replace($"version: {Lab.EtcdVersion}", "version: 3.5.30", StringComparison.Ordinal), "version", "cp1", "etcd 3.5.16 runs, the inventory says 3.5.30; expected the same", "upgrade afterwards");

    [Fact]
    public Task OtherDataDirThanTheManifests_IsRefused() => UnderInventoryAsync(
        Fixture.Yaml + "  data_dir: /data/etcd\n", "data-dir", "cp1", "the manifest's data dir is /var/lib/etcd, the inventory's /data/etcd; expected the same", "set etcd.data_dir");

    [Fact]
    public async Task AgentThatDoesNotAnswer_IsRefused()
    {
        Fixture.Require();
        var node = Node("cp1");
        (await node.RunAsync("systemctl", "stop", "etcdfleet-agent")).Checked();
        try
        {
            await RefusedAsync(Inventory, "agent", "cp1", "nothing listens on 10.66.0.11:7379, expected the agent", "systemctl status etcdfleet-agent");
        }
        finally
        {
            (await node.RunAsync("systemctl", "start", "etcdfleet-agent")).Checked();
            await AgentServesAsync(node);
        }
    }

    [Fact]
    public Task WorkerAsTarget_IsRefused() => UnderWritesAsync(async () =>
    {
        var before = await LookAsync();
        var result = await MigrateAsync(
            await InventoryAsync("worker", Fixture.Yaml.Replace("etcd:", "  - {name: w1, address: 10.66.0.31, role: worker}\netcd:", StringComparison.Ordinal)), "--node", "w1");

        Assert.Equal((3, "refused"), (result.Exit, result.Last.Text("outcome")));
        Assert.Contains("found the worker 'w1', expected a control-plane node", result.Last.Text("message"));
        await AssertNothingChangedAsync(before);
    });

    [Fact]
    public Task TwoMembers_AreRefused() => UnderWritesAsync(async () =>
    {
        // Without the learner the cluster has two members, and none to spare.
        var list = (await Lab.Etcd.EtcdctlAsync(Node("cp1"), Token, "member", "list")).Checked().Output;
        foreach (var learner in list.Split('\n').Where(line => line.EndsWith(", true", StringComparison.Ordinal)))
        {
            (await Lab.Etcd.EtcdctlAsync(Node("cp1"), Token, "member", "remove", learner.Split(',')[0])).Checked();
            (await Node("cp3").RunAsync("mv", "/etc/kubernetes/manifests/etcd.yaml", "/root")).Checked();
            await UntilAsync(() => Node("cp3").RunAsync("sh", "-c", "! pgrep -x etcd"), "the learner to be gone");
        }

        var yaml = string.Join('\n', Fixture.Yaml.Split('\n').Where(line => !line.Contains("name: cp3", StringComparison.Ordinal)));
        await RefusesAsync(await InventoryAsync("two", yaml), "quorum", "fleet", "2 members cannot spare one.*expected three or more", "add a member");
    });

    private Task UnderInventoryAsync(string yaml, string check, string node, string found, string fix) =>
        UnderWritesAsync(async () => await RefusesAsync(await InventoryAsync(check, yaml), check, node, found, fix));

    private Task RefusedAsync(string inventory, string check, string node, string found, string fix) => UnderWritesAsync(() => RefusesAsync(inventory, check, node, found, fix));

    private async Task RefusesAsync(string inventory, string check, string node, string found, string fix)
    {
        var before = await LookAsync();
        var result = await MigrateAsync(inventory);

        result.AssertEnded(3);
        var refusal = Assert.Single(result.Findings, finding => (finding.Check, finding.Node, finding.Severity) == (check, node, "refusal"));
        Assert.Matches(found, refusal.Found);
        Assert.Contains(fix, refusal.Fix);
        Assert.Contains(refusal.Found, result.Last.Text("message"));
        Assert.Equal("refused", result.Journal[^2].Text("kind"));
        await AssertNothingChangedAsync(before);
    }

    private async Task AssertNothingChangedAsync(IReadOnlyDictionary<string, NodeState> before)
    {
        foreach (var (name, state) in await LookAsync())
        {
            state.AssertUnchanged(before[name]);
        }
    }
}

/// <summary>The classes that share the lab of unsound nodes; none of them changes it in a way that another one could see.</summary>
[CollectionDefinition(nameof(UnsoundLab))]
public sealed class UnsoundLabCollection : ICollectionFixture<UnsoundLab>;
