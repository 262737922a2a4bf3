using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

/// <summary>What is refused, and that it leaves everything as it was.</summary>
public sealed class RegenerateApiServerRefusalTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Theory]
    [InlineData("--audit-log-maxage=30", "--audit-log-maxage=10", "--audit-log-maxage: 10 -> 30")]
    [InlineData("    - --audit-log-maxage=30\n", "    - --audit-log-maxage=30\n    - --etcd-prefix=/kkg\n", "--etcd-prefix: /kkg -> (not set)")]
    [InlineData("        cpu: 250m\n", "        cpu: 500m\n", "resources.requests.cpu: 500m -> 250m")]
    [InlineData("kube-apiserver:v1.35.6", "kube-apiserver:v1.35.5", "image")]
    [InlineData("      path: /etc/ssl/certs\n", "      path: /srv/certs\n", "spec.volumes[ca-certs].hostPath.path")]
    public async Task Regenerate_MoreWouldChange_IsRefusedAndChangesNothing(string from, string to, string expected)
    {
        Edit(from, to);
        var text = _node.ManifestText;

        var message = await Faults.MessageAsync(FaultReason.ApiserverDrift, () => _node.RegenerateAsync());

        Assert.Contains(expected, message);
        Unchanged(text);
    }

    /// <summary>extraArgs and patches overrule kubeadm: nothing would differ, and nothing would be as asked.</summary>
    [Fact]
    public async Task Regenerate_ExtraArgsSetTheServers_IsRefused()
    {
        _node.Cluster("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\napiServer:\n  extraArgs:\n  - name: etcd-servers\n    value: https://127.0.0.1:2379\n");
        var text = _node.ManifestText;

        Assert.Contains("--etcd-servers would be https://127.0.0.1:2379", await Faults.MessageAsync(FaultReason.ApiserverDrift, () => _node.RegenerateAsync()));
        Unchanged(text);
    }

    [Fact]
    public async Task Regenerate_TheDryRunWritesNothing_IsRefused()
    {
        var text = _node.ManifestText;
        _node.Kubeadm.Ends["init phase control-plane apiserver"] = new(0, "", "");

        Assert.Contains("wrote no kube-apiserver.yaml", await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.RegenerateAsync()));
        Unchanged(text);
    }

    [Fact]
    public async Task Regenerate_ChangedSinceTheChecks_IsRefused()
    {
        var text = _node.ManifestText;

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.RegenerateAsync(new string('0', 64)));
        Unchanged(text);
        Assert.True((await _node.RegenerateAsync(_node.Manifests.InUse!.Sha256)).Change.Changed);
    }

    [Fact]
    public async Task Regenerate_ChangedDuringTheDryRun_IsRefused()
    {
        _node.Kubeadm.BeforeCall = words =>
        {
            if (words.EndsWith("--dry-run", StringComparison.Ordinal))
            {
                Edit("--audit-log-maxage=30", "--audit-log-maxage=31");
            }
        };

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.RegenerateAsync());
        Unchanged(_node.ManifestText);
    }

    [Theory]
    [InlineData("version", FaultReason.KubeadmMissing)]
    [InlineData("config validate", FaultReason.ProgramFailed)]
    [InlineData("config migrate", FaultReason.ProgramFailed)]
    [InlineData("init phase control-plane apiserver", FaultReason.ProgramFailed)]
    public async Task Regenerate_KubeadmFails_LeavesNothing(string command, FaultReason reason)
    {
        var text = _node.ManifestText;
        _node.Kubeadm.Ends[command] = new(1, "", "error: no\n");

        await Faults.MessageAsync(reason, () => _node.RegenerateAsync());
        Unchanged(text);
    }

    [Fact]
    public async Task Regenerate_KubeadmOfAnotherMinor_IsRefused()
    {
        _node.Kubeadm.Version = "v1.36.2";
        await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.RegenerateAsync());
        Unchanged(_node.ManifestText);
    }

    [Fact]
    public async Task Regenerate_TheApiIsSilent_IsRefused()
    {
        _node.Api.Silence = "Connection refused";
        await Faults.MessageAsync(FaultReason.ApiUnreachable, () => _node.RegenerateAsync());
        Unchanged(_node.ManifestText);
    }

    [Theory]
    [InlineData("..", FaultReason.InvalidRequest)]
    [InlineData("nowhere", FaultReason.InvalidRequest)]
    [InlineData("admin.conf", FaultReason.UnsafeFile)]
    public async Task Regenerate_PatchesThatCannotBeUsed_IsRefused(string patches, FaultReason reason)
    {
        await Faults.MessageAsync(reason, () => _node.RegenerateAsync(patches: patches));
        Unchanged(_node.ManifestText);
    }

    [Fact]
    public async Task Regenerate_NoManifest_IsRefused()
    {
        File.Delete(_node.Root.ApiServerManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => _node.RegenerateAsync());
    }

    [Fact]
    public async Task Regenerate_NoEndpoints_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.RegenerateAsync(endpoints: []));

    public void Dispose() => _node.Dispose();

    private void Edit(string from, string to)
    {
        Assert.Contains(from, _node.ManifestText);
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace(from, to), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private void Unchanged(string text)
    {
        Assert.Equal(text, _node.ManifestText);
        Assert.False(File.Exists(_node.Root.StashedApiServerManifest));
        Assert.Null(_node.ApiServerRecords.Read());
        Assert.Empty(_node.Scratch);
    }
}
