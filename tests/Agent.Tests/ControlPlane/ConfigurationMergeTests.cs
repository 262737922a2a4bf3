using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ConfigurationMergeTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("v1.31.14", false)]
    [InlineData("v1.34.3", false)]
    [InlineData("v1.35.0", true)]
    [InlineData("v1.36.2", true)]
    public async Task Merge_WritesHttpEndpointsWhereThisKubeadmHasThem(string version, bool expected)
    {
        _node.Kubeadm.Version = version;
        _node.Cluster(_node.Api.Configuration!.Replace("v1.35.6", version));

        var merged = await MergeAsync();

        Assert.Equal(ControlPlaneNode.Endpoints, merged.Endpoints);
        Assert.Equal(expected ? ControlPlaneNode.Endpoints : [], merged.HttpEndpoints);
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Merge_AnOldKubeadm_KeepsItsVersion()
    {
        _node.Kubeadm.Version = "v1.30.14";
        _node.Cluster(Golden.Read("1.30-v1beta3.yaml"));

        var merged = await MergeAsync();

        Assert.Equal("kubeadm.k8s.io/v1beta3", merged.ApiVersion);
        Assert.Contains("    authorization-mode: Node,RBAC\n", merged.Text);
    }

    [Fact]
    public async Task Merge_AnOldVersionAndANewKubeadm_IsMigratedFirst()
    {
        _node.Api.Configuration = Golden.Read("1.30-v1beta3.yaml").Replace("v1.30.14", "v1.35.6");

        var merged = await MergeAsync();

        Assert.Equal(("kubeadm.k8s.io/v1beta4", true), (merged.ApiVersion, merged.IsExternal(ControlPlaneNode.Endpoints)));
        Assert.Contains("  - name: audit-log-maxage\n    value: \"30\"\n", merged.Text);
    }

    [Theory]
    [InlineData("v1.34.9")]
    [InlineData("v1.36.0")]
    public async Task Merge_KubeadmOfAnotherMinor_IsRefused(string version)
    {
        _node.Kubeadm.Version = version;

        var message = await Faults.MessageAsync(FaultReason.VersionMismatch, MergeAsync);

        Assert.Contains($"kubeadm on this node is {version}, the cluster is v1.35.6", message);
        Assert.Equal(["version -o short"], _node.Kubeadm.Calls);
    }

    [Fact]
    public async Task Merge_NoVersionInIt_IsRefused() // kubeadm would look it up online
    {
        _node.Api.Configuration = _node.Api.Configuration!.Replace("kubernetesVersion: v1.35.6\n", "");

        await Faults.MessageAsync(FaultReason.ConfigUnreadable, MergeAsync);
    }

    [Fact]
    public async Task Merge_ExternalAlready_IsTheSameText()
    {
        _node.Api.Configuration = (await MergeAsync()).Text;

        Assert.Equal(_node.Api.Configuration, (await MergeAsync()).Text);
    }

    [Fact]
    public async Task MergeBack_TheSameVersion_TakesTheLinesAsTheyAre()
    {
        var before = ClusterConfiguration.Parse(_node.Api.Configuration!.Replace("    dataDir: /var/lib/etcd\n", "    dataDir: /var/lib/etcd # on its own disk\n"));

        Assert.Contains("# on its own disk", (await _node.Merge.MergeBackAsync(await MergeAsync(), before, Token)).Text);
    }

    /// <summary>v1beta3's map of extraArgs would mean nothing in v1beta4.</summary>
    [Fact]
    public async Task MergeBack_AnOlderVersion_IsMigratedFirst()
    {
        var before = ClusterConfiguration.Parse(Golden.Read("1.30-v1beta3.yaml").Replace("v1.30.14", "v1.35.6"));
        _node.Api.Configuration = before.Text;

        var back = await _node.Merge.MergeBackAsync(await MergeAsync(), before, Token);

        Assert.Contains("    - name: quota-backend-bytes\n      value: \"8589934592\"\n", back.Text);
        Assert.Equal(GetClusterConfigurationResponse.Types.EtcdMode.Local, back.Mode);
    }

    public void Dispose() => _node.Dispose();

    private async Task<ClusterConfiguration> MergeAsync() =>
        await _node.Merge.MergeAsync(ClusterConfiguration.Parse(_node.Api.Configuration!), new() { Endpoints = { ControlPlaneNode.Endpoints } }, Token);
}
