using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

public sealed class RenderApiServerTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Render_SaysWhatWouldChangeAndChangesNothing()
    {
        var text = _node.ManifestText;

        var response = await _node.RenderAsync();

        Assert.False(response.Same);
        Assert.Equal(["--etcd-servers: https://127.0.0.1:2379 -> https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379"], response.EtcdDifferences);
        Assert.Empty(response.OtherDifferences);
        Assert.Equal((text, ControlPlaneNode.Manifest, Digest(text), (ulong)text.Length), (response.PresentText, response.Present.Path, response.Present.Sha256, response.Present.Size));
        Assert.Equal(Digest(response.RenderedText), response.RenderedSha256);
        Assert.Equal(text, _node.ManifestText);
        Assert.False(Directory.Exists(_node.Root.Stash));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Render_Twice_IsTheSame() => Assert.Equal(await _node.RenderAsync(), await _node.RenderAsync());

    [Fact]
    public async Task Render_IsWhatRegenerateWrites()
    {
        var rendered = await _node.RenderAsync();

        Assert.Equal(rendered.RenderedText, (await _node.RegenerateAsync()).After);
        Assert.True((await _node.RenderAsync()).Same);
    }

    [Fact]
    public async Task Render_MoreWouldChange_SaysAllOfIt()
    {
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace("--audit-log-maxage=30", "--audit-log-maxage=10").Replace("cpu: 250m", "cpu: 500m"));

        var response = await _node.RenderAsync();

        Assert.Equal(["--audit-log-maxage: 10 -> 30", "spec.containers[kube-apiserver].resources.requests.cpu: 500m -> 250m"], response.OtherDifferences);
        Assert.False(response.Same);
    }

    [Fact]
    public async Task Render_ExtraArgsSetTheServers_IsNeverTheSame()
    {
        _node.Cluster("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\napiServer:\n  extraArgs:\n  - name: etcd-servers\n    value: https://127.0.0.1:2379\n");

        var response = await _node.RenderAsync();

        Assert.False(response.Same);
        Assert.Contains("apiServer.extraArgs or a patch sets it", Assert.Single(response.OtherDifferences));
    }

    [Fact]
    public async Task Render_WithPatches_TakesThem()
    {
        _node.Host.Folder("/etc/kubernetes/patches");
        _node.Host.Write("/etc/kubernetes/patches/kube-apiserver.yaml", "metadata:\n  annotations:\n    team: kkg\n");

        Assert.Equal(["metadata.annotations.team: (not set) -> kkg"], (await _node.RenderAsync("patches")).OtherDifferences);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    public async Task Render_APathAsPatches_IsInvalid(string patches) => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.RenderAsync(patches));

    [Fact]
    public async Task Render_NoKubeadm_IsRefused()
    {
        File.Delete(_node.Root.At("/usr/bin/kubeadm"));

        await Faults.MessageAsync(FaultReason.KubeadmMissing, () => _node.RenderAsync());
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Render_KubeadmFails_LeavesNothing()
    {
        _node.Kubeadm.Ends["init phase control-plane apiserver"] = new(1, "", "error: no\n");

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.RenderAsync());
        Assert.Empty(_node.Scratch);
    }

    public void Dispose() => _node.Dispose();

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
