using EtcdFleet.Lab.Machines;
using EtcdFleet.Scenarios.Labs;
using Xunit;

namespace EtcdFleet.Scenarios.Kubernetes;

/// <summary>What a migration must not begin with: exit 3, found, expected, what to do, and nothing at all is changed.</summary>
public sealed class RefusalScenarios(KubernetesLab fixture) : Scenario(fixture), IClassFixture<KubernetesLab>
{
    private const string ApiServer = "/etc/kubernetes/manifests/kube-apiserver.yaml";

    [Fact]
    public Task HandEditedManifest_IsRefused() => EditedAsync(text => text.Replace("    - --authorization-mode=", "    - --audit-log-maxage=30\n    - --authorization-mode=", StringComparison.Ordinal), "--audit-log-maxage");

    [Fact]
    public Task PatchesThatWouldBeLost_AreRefused() => EditedAsync(text => text.Replace("cpu: 250m", "cpu: 500m", StringComparison.Ordinal), "500m -> 250m");

    [Fact]
    public Task KubeadmOfAnotherMinor_IsRefused() => RefusedAsync(
        "kubeadm", "cp2", "v1.99.1", () => fixture.KubeadmIsAnotherAsync(Node("cp2"), "v1.99.1"), () => fixture.KubeadmIsTheClustersAsync(Node("cp2")));

    [Fact]
    public Task LeaderWithoutAdminConf_IsRefused() => RefusedAsync(
        "admin-conf", "cp1", "has no /etc/kubernetes/admin.conf", () => ShellAsync("cp1", "mv /etc/kubernetes/admin.conf /root/"), () => ShellAsync("cp1", "mv /root/admin.conf /etc/kubernetes/"));

    [Fact]
    public Task ApiServerAlreadyDownElsewhere_IsRefused() => RefusedAsync(
        "apiserver", "cp3", "kube-apiserver.yaml does not exist", () => ShellAsync("cp3", $"mv {ApiServer} /root/; while pgrep -x kube-apiserver; do sleep 0.1; done"), async () =>
        {
            await ShellAsync("cp3", $"mv /root/kube-apiserver.yaml {ApiServer}");
            await fixture.AllReadyAsync(Token);
        });

    [Fact]
    public async Task EndpointThatNoMemberHas_IsRefused()
    {
        await ShellAsync("cp3", "ip addr add 10.66.0.33/24 dev host0");
        var inventory = await InventoryAsync("elsewhere", fixture.Yaml.Replace(Node("cp3").Address, "10.66.0.33", StringComparison.Ordinal));

        await RefusedAsync("endpoint", "cp3", "https://10.66.0.33:2379, which no member has", () => Task.CompletedTask, () => ShellAsync("cp3", "ip addr del 10.66.0.33/24 dev host0"), inventory);
    }

    /// <summary>A change of cp2's manifest that kubeadm does not know of: the apiserver runs with it, and would lose it.</summary>
    private async Task EditedAsync(Func<string, string> edit, string found)
    {
        fixture.Require();
        var node = Node("cp2");
        var before = KubernetesLab.Manifest(node);
        await RefusedAsync("apiserver-manifest", "cp2", found, () => WriteAsync(node, edit(before)), () => WriteAsync(node, before));
    }

    private async Task WriteAsync(LabNode node, string manifest)
    {
        Assert.NotEqual(KubernetesLab.Manifest(node), manifest);
        var old = (await node.RunAsync("pgrep", "-x", "kube-apiserver")).Checked().Output;
        await File.WriteAllTextAsync(node.HostPath(ApiServer), manifest, Token);
        await UntilAsync(async () => await node.RunAsync("sh", "-c", $"now=$(pgrep -x kube-apiserver) && [ \"$now\" != '{old.Trim()}' ] && [ $(echo \"$now\" | wc -l) = 1 ]"), "the new apiserver of cp2");
        await fixture.AllReadyAsync(Token);
    }

    private Task RefusedAsync(string check, string node, string found, Func<Task> spoil, Func<Task> mend, string inventory = Inventory) => UnderWritesAsync(async () =>
    {
        await spoil();
        try
        {
            var (before, configuration) = (await LookAsync(), await fixture.ConfigurationAsync(Token));

            var refused = await MigrateAsync(inventory);

            refused.AssertRefused(check, node, found);
            Assert.Equal(configuration, await fixture.ConfigurationAsync(Token));
            foreach (var (name, state) in await LookAsync())
            {
                state.AssertUnchanged(before[name]);
            }
        }
        finally
        {
            await mend();
        }
    });

    private async Task ShellAsync(string node, string script)
    {
        fixture.Require();
        (await Node(node).RunAsync("sh", "-c", script)).Checked();
    }
}
