using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

public sealed class RegenerateApiServerTests : IDisposable
{
    private const string Stash = "/etc/kubernetes/etcdfleet-stash/kube-apiserver.yaml";

    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Regenerate_ChangesOneLineAndKeepsTheOldFile()
    {
        var before = File.ReadAllBytes(_node.Root.ApiServerManifest);

        var response = await _node.RegenerateAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal("kubeadm wrote /etc/kubernetes/manifests/kube-apiserver.yaml: --etcd-servers: https://127.0.0.1:2379 -> https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379", response.Change.Summary);
        Assert.Equal(response.Before.Replace("--etcd-servers=https://127.0.0.1:2379", $"--etcd-servers={string.Join(',', ControlPlaneNode.Endpoints)}"), response.After);
        Assert.Equal(response.After, _node.ManifestText);
        Assert.Equal(before, File.ReadAllBytes(_node.Root.StashedApiServerManifest));
        Assert.Equal((Stash, ControlPlaneNode.Manifest), (response.Kept.Path, response.Manifest.Path));
        Assert.Equal((_node.Manifests.Kept!.Sha256, _node.Manifests.InUse!.Sha256), (response.Kept.Sha256, response.Manifest.Sha256));
        Assert.Equal(("0:0 0600", "0:0 0700"), (_node.Host.OwnerOf(Stash), _node.Host.OwnerOf("/etc/kubernetes/etcdfleet-stash")));
        Assert.Equal((response.Kept.Sha256, response.Manifest.Sha256), (_node.ApiServerRecords.Read()!.Sha256, _node.ApiServerRecords.Read()!.Written));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Regenerate_Again_IsNoChange()
    {
        var first = await _node.RegenerateAsync();

        var second = await _node.RegenerateAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal((first.Kept, first.Manifest, first.After), (second.Kept, second.Manifest, second.After));
        Assert.DoesNotContain(_node.Kubeadm.Calls.TakeLast(4), call => call.StartsWith("init phase control-plane", StringComparison.Ordinal) && !call.EndsWith("--dry-run", StringComparison.Ordinal));
    }

    /// <summary>What is wanted back is the manifest with stacked etcd, not a later one.</summary>
    [Fact]
    public async Task Regenerate_OtherEndpointsLater_KeepsTheFirstOne()
    {
        var first = await _node.RegenerateAsync(endpoints: [.. ControlPlaneNode.Endpoints.Take(2)]);

        var second = await _node.RegenerateAsync();

        Assert.True(second.Change.Changed);
        Assert.Equal(first.Kept, second.Kept);
        Assert.Equal([Path.GetFileName(Stash)], Directory.EnumerateFiles(_node.Root.Stash).Select(Path.GetFileName));
    }

    /// <summary>A manifest from before an upgrade is nothing that anybody wants back.</summary>
    [Fact]
    public async Task Regenerate_UpgradedSince_SetsTheOldOneAsideAndKeepsTheNewOne()
    {
        var old = (await _node.RegenerateAsync()).Before;
        await _node.RestoreApiServerAsync();
        await DiesInKubeadmAsync();
        var upgraded = old.Replace("kube-apiserver:v1.35.6", "kube-apiserver:v1.35.7");
        _node.Host.Write(ControlPlaneNode.Manifest, upgraded);
        _node.Api.Configuration = _node.Api.Configuration!.Replace("v1.35.6", "v1.35.7");

        var response = await _node.RegenerateAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(upgraded, File.ReadAllText(_node.Root.StashedApiServerManifest));
        Assert.Equal(old, File.ReadAllText(Assert.Single(Directory.EnumerateFiles(_node.Root.Stash, "*.out-of-date-*"))));
    }

    [Fact]
    public async Task Regenerate_WithItsPatches_KeepsThem()
    {
        _node.Host.Folder("/etc/kubernetes/patches");
        _node.Host.Write("/etc/kubernetes/patches/kube-apiserver+strategic.yaml", "metadata:\n  annotations:\n    team: kkg\nspec:\n  containers:\n  - name: kube-apiserver\n    resources:\n      requests:\n        cpu: 500m\n");
        Edit("        cpu: 250m\n", "        cpu: 500m\n");
        Edit("  annotations:\n", "  annotations:\n    team: kkg\n");
        await Faults.MessageAsync(FaultReason.ApiserverDrift, () => _node.RegenerateAsync());

        var response = await _node.RegenerateAsync(patches: "patches");

        Assert.True(response.Change.Changed);
        Assert.Contains("        cpu: 500m\n", _node.ManifestText);
    }

    /// <summary>Neither stands anywhere but in the manifest: kubeadm took them from the hands of whoever ran it.</summary>
    [Fact]
    public async Task Regenerate_ProxiesAndTimeLimit_AreTakenOver()
    {
        _node.Cluster(_node.Api.Configuration!, new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://me:hush@proxy:3128", ["no_proxy"] = "10.0.0.0/8" });
        Edit("failureThreshold: 24", "failureThreshold: 40");

        var response = await _node.RegenerateAsync();

        Assert.True(response.Change.Changed);
        Assert.Contains("value: http://me:hush@proxy:3128\n", _node.ManifestText);
        Assert.Contains("failureThreshold: 40\n", _node.ManifestText);
        Assert.DoesNotContain(_node.Kubeadm.Calls, call => call.Contains("hush"));
    }

    [Fact]
    public async Task Regenerate_AnOldKubeadm_WritesIntoAFolderOfItsOwn_IsFound()
    {
        _node.Kubeadm.OwnDryRunFolder = true;

        Assert.True((await _node.RegenerateAsync()).Change.Changed);
    }

    [Fact]
    public async Task Regenerate_KubeadmWritesAnotherThanInTheDryRun_IsSaidAndCanBeUndone()
    {
        var text = _node.ManifestText;
        _node.Kubeadm.BeforeCall = words =>
        {
            if (words.StartsWith("init phase control-plane", StringComparison.Ordinal) && !words.EndsWith("--dry-run", StringComparison.Ordinal))
            {
                var file = words.Split(' ')[^1];
                File.WriteAllText(file, File.ReadAllText(file).Replace("value: \"30\"", "value: \"31\""));
            }
        };

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.RegenerateAsync());
        await _node.RestoreApiServerAsync();

        Assert.Equal(text, _node.ManifestText);
    }

    public void Dispose() => _node.Dispose();

    private async Task DiesInKubeadmAsync()
    {
        _node.Death.Revive();
        var calls = await CallsOfAsync();
        (_node.Death.At, _node.Death.After) = (calls, false);
        await Assert.ThrowsAsync<AgentDiedException>(() => _node.RegenerateAsync());
        _node.Death.Revive();
    }

    /// <summary>How often a regeneration turns to the world, found by one that is taken back.</summary>
    private async Task<int> CallsOfAsync()
    {
        await _node.RegenerateAsync();
        var calls = _node.Death.Count;
        await _node.RestoreApiServerAsync();
        _node.Death.Revive();
        return calls;
    }

    private void Edit(string from, string to)
    {
        Assert.Contains(from, _node.ManifestText);
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace(from, to), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
