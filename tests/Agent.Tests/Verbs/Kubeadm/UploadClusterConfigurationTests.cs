using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Kubeadm;

public sealed class UploadClusterConfigurationTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Upload_ChangesEtcdAloneAndKeepsWhatWasThere()
    {
        var before = _node.Api.Configuration!;
        var digest = (await _node.GetConfigurationAsync()).LiveSha256;

        var response = await _node.UploadAsync(digest);

        Assert.True(response.Change.Changed);
        Assert.Equal((before, _node.Api.Configuration), (response.Before, response.After));
        Assert.Empty(ClusterConfiguration.Parse(before).DifferencesBesideEtcd(ClusterConfiguration.Parse(response.After)));
        Assert.True(ClusterConfiguration.Parse(response.After).IsExternal(ControlPlaneNode.Endpoints));
        Assert.Equal((before, digest), (_node.ClusterConfigRecords.Read()!.Before, _node.ClusterConfigRecords.Read()!.Sha256));
        Assert.Empty(_node.Scratch);
    }

    [Fact]
    public async Task Upload_OfARealRichConfiguration_LosesNothing() // FACTS 12: the user's own playbooks did
    {
        using var node = new ControlPlaneNode("v1.36.2");
        var before = ControlPlane.Golden.Read("1.36-rich.yaml");
        node.Cluster(before);
        Assert.Equal(before, node.Api.Configuration);

        await node.UploadAsync();

        Assert.Empty(ClusterConfiguration.Parse(before).DifferencesBesideEtcd(ClusterConfiguration.Parse(node.Api.Configuration!)));
    }

    [Fact]
    public async Task Upload_Again_IsNoChangeAndCallsKubeadmNoMore()
    {
        var first = await _node.UploadAsync();
        var calls = _node.Kubeadm.Calls.Count;

        var second = await _node.UploadAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal((first.After, first.After), (second.Before, second.After));
        Assert.Equal(calls, _node.Kubeadm.Calls.Count);
    }

    [Fact]
    public async Task Upload_OtherEndpointsLater_KeepsTheStackedOne()
    {
        var before = _node.Api.Configuration;
        await _node.UploadAsync(endpoints: [.. ControlPlaneNode.Endpoints.Take(2)]);

        var response = await _node.UploadAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(before, _node.ClusterConfigRecords.Read()!.Before);
        Assert.Equal(ControlPlaneNode.Endpoints, ClusterConfiguration.Parse(response.After).HttpEndpoints);
    }

    [Fact]
    public async Task Upload_ChangedSinceTheChecks_IsRefused()
    {
        await Faults.MessageAsync(FaultReason.ConfigChanged, () => _node.UploadAsync(new string('0', 64)));
        NothingUploaded();
    }

    [Fact]
    public async Task Upload_ChangedWhileItWasChecked_IsRefused()
    {
        _node.Kubeadm.BeforeCall = words => _node.Api.Configuration = words.StartsWith("config migrate", StringComparison.Ordinal) ? _node.Api.Configuration!.Replace("clusterName: kkg", "clusterName: other") : _node.Api.Configuration;

        Assert.Contains("changed by somebody else just now", await Faults.MessageAsync(FaultReason.ConfigChanged, () => _node.UploadAsync()));
        Assert.DoesNotContain(_node.Kubeadm.Calls, call => call.StartsWith("init phase upload-config", StringComparison.Ordinal));
        Assert.Contains("clusterName: other", _node.Api.Configuration);
    }

    [Fact]
    public async Task Upload_SomebodyElseWritesAtTheSameTime_IsSaid()
    {
        _node.Api.BeforeAnswer = _ => _node.Api.Configuration = _node.Kubeadm.Calls.Any(call => call.StartsWith("init phase upload-config", StringComparison.Ordinal)) ? _node.Api.Configuration!.Replace("clusterName: kkg", "clusterName: other") : _node.Api.Configuration;

        Assert.Contains("clusterName: kkg -> other", await Faults.MessageAsync(FaultReason.ConfigChanged, () => _node.UploadAsync()));
        Assert.NotNull(_node.ClusterConfigRecords.Read());
    }

    [Fact]
    public async Task Upload_NoAdminConf_IsRefused()
    {
        File.Delete(_node.Root.AdminConf);

        await Faults.MessageAsync(FaultReason.AdminConfMissing, () => _node.UploadAsync());
        NothingUploaded();
    }

    [Fact]
    public async Task Upload_KubeadmOfAnotherMinor_IsRefused()
    {
        _node.Kubeadm.Version = "v1.36.2";

        await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.UploadAsync());
        NothingUploaded();
    }

    [Fact]
    public async Task Upload_AFieldThatKubeadmDoesNotKnow_IsRefused() // it would warn, and drop it
    {
        _node.Api.Configuration += "someNewField: 1\n";

        Assert.Contains("unknown field \"someNewField\"", await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.UploadAsync()));
        NothingUploaded();
    }

    [Fact]
    public async Task Upload_TheApiIsSilent_IsRefused()
    {
        _node.Api.Silence = "Connection refused";

        await Faults.MessageAsync(FaultReason.ApiUnreachable, () => _node.UploadAsync());
        NothingUploaded();
    }

    [Fact]
    public async Task Upload_KubeadmFails_SaysItsWordsAndLeavesNothing()
    {
        var before = _node.Api.Configuration;
        _node.Kubeadm.Ends["init phase upload-config"] = new(1, "", "error: error execution phase upload-config/kubeadm: Unauthorized\n");

        Assert.Contains("Unauthorized", await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.UploadAsync()));
        Assert.Equal(before, _node.Api.Configuration);
        Assert.Empty(_node.Scratch);
    }

    [Theory]
    [InlineData()]
    [InlineData("http://10.66.0.11:2379")]
    [InlineData("https://10.66.0.11:2379\n  evil: true")]
    public async Task Upload_EndpointsThatAreNone_IsInvalid(params string[] endpoints)
    {
        await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.UploadAsync(endpoints: endpoints));
        NothingUploaded();
    }

    /// <summary>The agent dies at every place where it turns to the world; called again it ends well, with the first object kept.</summary>
    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task Upload_AfterADeath_IsDoneAndKeepsTheFirstObject(int call, bool after)
    {
        var before = _node.Api.Configuration;
        (_node.Death.At, _node.Death.After) = (call, after);
        await Assert.ThrowsAsync<AgentDiedException>(() => _node.UploadAsync());
        _node.Death.Revive();

        await _node.UploadAsync();

        Assert.True(ClusterConfiguration.Parse(_node.Api.Configuration!).IsExternal(ControlPlaneNode.Endpoints));
        Assert.Equal(before, _node.ClusterConfigRecords.Read()!.Before);
    }

    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task Restore_AfterADeath_IsAsBefore(int call, bool after)
    {
        var before = _node.Api.Configuration;
        (_node.Death.At, _node.Death.After) = (call, after);
        await Assert.ThrowsAsync<AgentDiedException>(() => _node.UploadAsync());
        _node.Death.Revive();

        await _node.RestoreConfigurationAsync();

        Assert.Equal(before, _node.Api.Configuration);
        Assert.Null(_node.ClusterConfigRecords.Read());
    }

    [Fact]
    public async Task Places_AreAllOfThem()
    {
        await _node.UploadAsync();

        Assert.Equal(Calls, _node.Death.Count);
    }

    public static TheoryData<int, bool> EveryPlace() => [.. from call in Enumerable.Range(1, Calls) from after in (bool[])[false, true] select (call, after)];

    public void Dispose() => _node.Dispose();

    /// <summary>The ConfigMap, version, validate and migrate twice, the ConfigMap, upload-config, the ConfigMap.</summary>
    private const int Calls = 9;

    private void NothingUploaded()
    {
        Assert.DoesNotContain("external", _node.Api.Configuration);
        Assert.Null(_node.ClusterConfigRecords.Read());
        Assert.Empty(_node.Scratch);
    }
}
