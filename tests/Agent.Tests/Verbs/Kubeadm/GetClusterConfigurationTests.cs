using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Mode = EtcdFleet.Agent.V1.GetClusterConfigurationResponse.Types.EtcdMode;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class GetClusterConfigurationTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Get_OnlyRead_SaysWhatIsThere()
    {
        var response = await _node.GetConfigurationAsync();

        Assert.Equal((_node.Api.Configuration, Digest(_node.Api.Configuration!), Mode.Local), (response.Live, response.LiveSha256, response.Mode));
        Assert.Equal(("v1.35.6", "v1.35.6", "kubeadm.k8s.io/v1beta4", true), (response.KubernetesVersion, response.KubeadmVersion, response.ApiVersion, response.HasAdminConf));
        Assert.Equal(("", "", 0, 0), (response.Merged, response.MergedSha256, response.Endpoints.Count, response.Problems.Count));
        Assert.Equal(["version -o short"], _node.Kubeadm.Calls);
    }

    [Fact]
    public async Task Get_WithEndpoints_SaysWhatItWouldBeAndChangesNothing()
    {
        var before = _node.Api.Configuration;

        var response = await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints);

        Assert.Empty(response.Problems);
        Assert.Equal(Digest(response.Merged), response.MergedSha256);
        Assert.Contains("    endpoints:\n    - https://10.66.0.11:2379\n    - https://10.66.0.12:2379\n    - https://10.66.0.13:2379\n", response.Merged);
        Assert.Equal(before, _node.Api.Configuration);
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Get_Twice_IsTheSame() => Assert.Equal(await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints), await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints));

    [Fact]
    public async Task Get_ExternalAlready_SaysTheEndpointsAndTheSameText()
    {
        await _node.UploadAsync();

        var response = await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints);

        Assert.Equal((Mode.External, response.LiveSha256), (response.Mode, response.MergedSha256));
        Assert.Equal(ControlPlaneNode.Endpoints, response.Endpoints);
    }

    [Fact]
    public async Task Get_SeveralReasons_SaysAllOfThem()
    {
        File.Delete(_node.Root.AdminConf);
        _node.Kubeadm.Version = "v1.34.1";

        var response = await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints);

        Assert.False(response.HasAdminConf);
        Assert.Equal(2, response.Problems.Count);
        Assert.Contains("/etc/kubernetes/admin.conf cannot be used", response.Problems[0]);
        Assert.Contains("kubeadm on this node is v1.34.1", response.Problems[1]);
        Assert.Equal("", response.Merged);
    }

    [Fact]
    public async Task Get_AdminConfThatCannotBeUsed_FailsBeforeAnythingIsAsked()
    {
        _node.Host.Write("/etc/kubernetes/admin.conf", "kind: Config\n");

        await Faults.MessageAsync(FaultReason.AdminConfMissing, () => _node.GetConfigurationAsync());
    }

    [Fact]
    public async Task Get_NoKubeadm_IsAProblemOfTheMergeAlone()
    {
        File.Delete(_node.Root.At("/usr/bin/kubeadm"));

        Assert.Equal(("", 0), (await _node.GetConfigurationAsync() is var read ? read.KubeadmVersion : "?", read.Problems.Count));
        Assert.Contains("there is no kubeadm", Assert.Single((await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints)).Problems));
    }

    [Theory]
    [InlineData("config validate")]
    [InlineData("config migrate")]
    public async Task Get_KubeadmRefusesIt_IsAProblemAndLeavesNothing(string command)
    {
        _node.Kubeadm.Ends[command] = new(1, "", "error: etcd.external: Invalid value\n");

        var response = await _node.GetConfigurationAsync(ControlPlaneNode.Endpoints);

        Assert.Contains("etcd.external: Invalid value", Assert.Single(response.Problems));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Get_TheApiIsSilent_Fails()
    {
        _node.Api.Silence = "Connection refused";

        await Faults.MessageAsync(FaultReason.ApiUnreachable, () => _node.GetConfigurationAsync());
    }

    [Fact]
    public async Task Get_WhatIsThereCannotBeRead_Fails()
    {
        _node.Api.Configuration = "kind: ClusterConfiguration\n";

        await Faults.MessageAsync(FaultReason.ConfigUnreadable, () => _node.GetConfigurationAsync());
    }

    [Fact]
    public async Task Get_AnEndpointThatIsNone_IsInvalid() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.GetConfigurationAsync("http://10.66.0.11:2379"));

    public void Dispose() => _node.Dispose();

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
