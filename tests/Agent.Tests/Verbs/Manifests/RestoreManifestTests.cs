using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Manifests;

public sealed class RestoreManifestTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Restore_PutsBackTheSameBytesOwnerAndMode()
    {
        _node.Host.Write("/etc/kubernetes/manifests/etcd.yaml", File.ReadAllText(_node.Root.EtcdManifest), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var bytes = File.ReadAllBytes(_node.Root.EtcdManifest);
        var owner = _node.Host.OwnerOf("/etc/kubernetes/manifests/etcd.yaml");
        await _node.WithUnitAsync();
        await _node.StashAsync();
        _node.Host.Write("/etc/kubernetes/etcdfleet-stash/etcd.yaml", File.ReadAllText(_node.Root.StashedEtcdManifest)); // 0644 now

        var response = await _node.RestoreManifestAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(bytes, File.ReadAllBytes(_node.Root.EtcdManifest));
        Assert.Equal(owner, _node.Host.OwnerOf("/etc/kubernetes/manifests/etcd.yaml"));
        Assert.False(File.Exists(_node.Root.StashedEtcdManifest));
        Assert.Null(_node.StashRecords.Read());
    }

    [Fact]
    public async Task Restore_Again_IsNoChange()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        var first = await _node.RestoreManifestAsync();

        var second = await _node.RestoreManifestAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Restored, second.Restored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // activating (auto-restart): it is about to
    public async Task Restore_WhileTheUnitRuns_IsRefused(bool restarting)
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        _node.Systemd.StartFails = restarting;
        await _node.Systemd.StartAsync("etcd.service", TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.RestoreManifestAsync);

        Assert.False(File.Exists(_node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Restore_SystemdDoesNotAnswer_IsRefused()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        _node.Systemd.Broken = true;

        await Faults.MessageAsync(FaultReason.ProgramFailed, _node.RestoreManifestAsync);

        Assert.False(File.Exists(_node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Restore_StashChangedSince_IsRefused()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        File.AppendAllText(_node.Root.StashedEtcdManifest, "# edited\n");

        var message = await Faults.MessageAsync(FaultReason.ManifestChanged, _node.RestoreManifestAsync);

        Assert.Contains("/etc/kubernetes/etcdfleet-stash/etcd.yaml", message, StringComparison.Ordinal);
        Assert.False(File.Exists(_node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Restore_WithoutARecord_MovesWhatIsThere()
    {
        // The agent's state was lost, or a hand has stashed it.
        _node.Host.Stash();

        Assert.True((await _node.RestoreManifestAsync()).Change.Changed);
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/manifests/etcd.yaml"));
    }

    [Fact]
    public async Task Restore_AManifestThatCannotBeParsed_IsPutBackAsWell()
    {
        File.WriteAllText(_node.Root.EtcdManifest, "not: [a manifest");
        _node.Host.Stash();

        Assert.True((await _node.RestoreManifestAsync()).Change.Changed);
        Assert.Equal("not: [a manifest", File.ReadAllText(_node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Restore_NoneAnywhere_IsRefused()
    {
        File.Delete(_node.Root.EtcdManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, _node.RestoreManifestAsync);
    }

    [Fact]
    public async Task Restore_BothThere_IsRefused()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        File.Copy(_node.Root.StashedEtcdManifest, _node.Root.EtcdManifest);

        await Faults.MessageAsync(FaultReason.ManifestChanged, _node.RestoreManifestAsync);
    }

    [Fact]
    public async Task Restore_AgentDiedBeforeTheRecordWasRetired_RepeatRetiresIt()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        File.Move(_node.Root.StashedEtcdManifest, _node.Root.EtcdManifest);

        Assert.False((await _node.RestoreManifestAsync()).Change.Changed);
        Assert.Null(_node.StashRecords.Read());
    }

    public void Dispose() => _node.Dispose();
}
