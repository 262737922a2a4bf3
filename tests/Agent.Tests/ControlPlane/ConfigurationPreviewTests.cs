using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ConfigurationPreviewTests : IDisposable
{
    private const string Short = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\n";

    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Of_WhatLeavesItToKubeadm_HasItsDefaults()
    {
        var stored = await OfAsync(Short);

        Assert.Contains("imageRepository: registry.k8s.io\n", stored.Text);
        Assert.Contains("etcd:\n  local:\n    dataDir: /var/lib/etcd\n", stored.Text);
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Of_TellsKubeadmOfThisNode() // or it would look at the machine, and stop at two runtimes, or at netlink
    {
        await OfAsync(Short);

        Assert.Contains("advertiseAddress: \"10.66.0.11\"", _node.Kubeadm.Configuration);
        Assert.Contains("criSocket: \"unix:///run/containerd/containerd.sock\"", _node.Kubeadm.Configuration);
    }

    [Fact]
    public async Task Of_AnOlderVersion_IsInTheNewest()
    {
        var stored = await OfAsync(Golden.Read("1.30-v1beta3.yaml").Replace("v1.30.14", "v1.35.6"));

        Assert.Equal("kubeadm.k8s.io/v1beta4", stored.ApiVersion);
        Assert.Contains("  - name: audit-log-maxage\n    value: \"30\"\n", stored.Text);
    }

    [Fact]
    public async Task Of_AFieldThatKubeadmDoesNotKnow_IsRefused() // upload-config would only warn, and drop it
    {
        var message = await Faults.MessageAsync(FaultReason.ProgramFailed, () => OfAsync($"{Short}someNewField: 1\n"));

        Assert.Equal("kubeadm (Validate) ended with 1: error: error unmarshaling configuration: strict decoding error: unknown field \"someNewField\"", message);
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Of_WhatKubeadmWouldChange_IsRefused()
    {
        _node.Kubeadm.BeforeCall = words => Rewrite(words, "clusterName: kkg", "clusterName: kubernetes");

        Assert.Contains("clusterName: kkg -> kubernetes", await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => OfAsync($"{Short}clusterName: kkg\n")));
    }

    [Fact]
    public async Task Of_WhatKubeadmWouldDrop_IsRefused()
    {
        _node.Kubeadm.BeforeCall = words => Rewrite(words, "clusterName: kkg", "");

        Assert.Contains("clusterName: kkg -> ", await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => OfAsync($"{Short}clusterName: kkg\n")));
    }

    [Fact]
    public async Task Of_MigrateWritesNoClusterConfiguration_IsRefused()
    {
        _node.Kubeadm.BeforeCall = words =>
        {
            if (words.StartsWith("config migrate", StringComparison.Ordinal))
            {
                File.WriteAllText(words.Split(' ')[^1], "kind: InitConfiguration\n");
                _node.Kubeadm.Ends["config migrate"] = new(0, "", "");
            }
        };

        await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => OfAsync(Short));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Of_NoApiServerHere_IsRefused()
    {
        File.Delete(_node.Root.ApiServerManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => OfAsync(Short));
        Assert.Empty(_node.Scratch);
    }

    public void Dispose() => _node.Dispose();

    private Task<ClusterConfiguration> OfAsync(string text) => _node.Preview.OfAsync(ClusterConfiguration.Parse(text), TestContext.Current.CancellationToken);

    /// <summary>Lets kubeadm read another text than the one that it was given.</summary>
    private static void Rewrite(string words, string from, string to)
    {
        if (words.StartsWith("config migrate", StringComparison.Ordinal))
        {
            var file = words.Split(' ')[3];
            File.WriteAllText(file, File.ReadAllText(file).Replace(from, to));
        }
    }
}
