using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class RestoreClusterConfigurationTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Restore_PutsBackTheEtcdThatWasThere()
    {
        _node.Cluster("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.35.6\netcd:\n  local:\n    dataDir: /data/etcd\n    extraArgs:\n    - name: quota-backend-bytes\n      value: \"8589934592\"\n");
        var before = _node.Api.Configuration!;
        var uploaded = (await _node.UploadAsync()).After;

        var response = await _node.RestoreConfigurationAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal((uploaded, before, before), (response.Before, response.After, _node.Api.Configuration));
        Assert.Null(_node.ClusterConfigRecords.Read());
        Assert.Empty(_node.Scratch);
    }

    /// <summary>What others changed in the object since then stays.</summary>
    [Fact]
    public async Task Restore_KeepsWhatOthersChangedSince()
    {
        await _node.UploadAsync();
        _node.Api.Configuration = _node.Api.Configuration!.Replace("  - kkg.example\n", "  - kkg.example\n  - new.kkg.example\n");

        await _node.RestoreConfigurationAsync();

        Assert.Contains("  - new.kkg.example\n", _node.Api.Configuration);
        Assert.DoesNotContain("external", _node.Api.Configuration);
    }

    [Fact]
    public async Task Restore_Again_IsNoChange()
    {
        await _node.UploadAsync();
        await _node.RestoreConfigurationAsync();

        var second = await _node.RestoreConfigurationAsync();

        Assert.Equal((false, "kubeadm-config has local etcd, and nothing was recorded"), (second.Change.Changed, second.Change.Summary));
    }

    /// <summary>The v1beta3 of before was migrated by the upload; its etcd is put back in the newer form.</summary>
    [Fact]
    public async Task Restore_AnOlderVersionFromBefore_IsPutBackInTheNewForm()
    {
        _node.Api.Configuration = ControlPlane.Golden.Read("1.30-v1beta3.yaml").Replace("v1.30.14", "v1.35.6");
        await _node.UploadAsync();
        Assert.Contains("v1beta3", _node.ClusterConfigRecords.Read()!.Before);

        Assert.True((await _node.RestoreConfigurationAsync()).Change.Changed);

        Assert.Contains("etcd:\n  local:\n    dataDir: /var/lib/etcd\n    extraArgs:\n    - name: quota-backend-bytes\n      value: \"8589934592\"\n", _node.Api.Configuration);
        Assert.Null(_node.ClusterConfigRecords.Read());
    }

    [Fact]
    public async Task Restore_NoEtcdWrittenBefore_IsWhatKubeadmMakesOfThat()
    {
        _node.Api.Configuration = _node.Api.Configuration!.Replace("etcd:\n  local:\n    dataDir: /var/lib/etcd\n", "");
        await _node.UploadAsync();

        await _node.RestoreConfigurationAsync();

        Assert.Contains("etcd:\n  local:\n    dataDir: /var/lib/etcd\n", _node.Api.Configuration);
    }

    [Fact]
    public async Task Restore_ExternalAndNoRecord_IsRefused()
    {
        await _node.UploadAsync();
        _node.ClusterConfigRecords.Retire();

        await Faults.MessageAsync(FaultReason.NothingToUndo, _node.RestoreConfigurationAsync);
        Assert.Contains("external", _node.Api.Configuration);
    }

    [Fact]
    public async Task Restore_NoAdminConf_IsRefused()
    {
        await _node.UploadAsync();
        File.Delete(_node.Root.AdminConf);

        await Faults.MessageAsync(FaultReason.AdminConfMissing, _node.RestoreConfigurationAsync);
        StillExternal();
    }

    [Fact]
    public async Task Restore_KubeadmOfAnotherMinor_IsRefused()
    {
        await _node.UploadAsync();
        _node.Kubeadm.Version = "v1.36.2";

        await Faults.MessageAsync(FaultReason.VersionMismatch, _node.RestoreConfigurationAsync);
        StillExternal();
    }

    [Fact]
    public async Task Restore_TheApiIsSilent_IsRefused()
    {
        await _node.UploadAsync();
        _node.Api.Silence = "Connection refused";

        await Faults.MessageAsync(FaultReason.ApiUnreachable, _node.RestoreConfigurationAsync);
        StillExternal();
    }

    [Fact]
    public async Task Restore_KubeadmFails_KeepsTheRecord()
    {
        await _node.UploadAsync();
        _node.Kubeadm.Ends["init phase upload-config"] = new(1, "", "error: no\n");

        await Faults.MessageAsync(FaultReason.ProgramFailed, _node.RestoreConfigurationAsync);
        StillExternal();
    }

    /// <summary>The agent dies at every place where it turns to the world; called again it ends well.</summary>
    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task Restore_AfterADeath_IsAsBefore(int call, bool after)
    {
        var before = _node.Api.Configuration;
        await _node.UploadAsync();
        _node.Death.Revive();
        (_node.Death.At, _node.Death.After) = (call, after);
        await Assert.ThrowsAsync<AgentDiedException>(_node.RestoreConfigurationAsync);
        _node.Death.Revive();

        await _node.RestoreConfigurationAsync();

        Assert.Equal(before, _node.Api.Configuration);
        Assert.Null(_node.ClusterConfigRecords.Read());
    }

    [Fact]
    public async Task Places_AreAllOfThem()
    {
        await _node.UploadAsync();
        _node.Death.Revive();
        await _node.RestoreConfigurationAsync();

        Assert.Equal(Calls, _node.Death.Count);
    }

    public static TheoryData<int, bool> EveryPlace() => [.. from call in Enumerable.Range(1, Calls) from after in (bool[])[false, true] select (call, after)];

    public void Dispose() => _node.Dispose();

    /// <summary>The ConfigMap, version, validate, migrate, the ConfigMap, upload-config, the ConfigMap.</summary>
    private const int Calls = 7;

    private void StillExternal()
    {
        Assert.True(ClusterConfiguration.Parse(_node.Api.Configuration!).IsExternal(ControlPlaneNode.Endpoints));
        Assert.NotNull(_node.ClusterConfigRecords.Read());
        Assert.Empty(_node.Scratch);
    }
}
