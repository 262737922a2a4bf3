using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Manifests;

public sealed class StashManifestTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Stash_MovesTheManifestOutOfTheKubeletsSight()
    {
        await _node.WithUnitAsync();
        var before = File.ReadAllBytes(_node.Root.EtcdManifest);

        var response = await _node.StashAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal("/etc/kubernetes/etcdfleet-stash/etcd.yaml", response.Stashed.Path);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_node.Root.Manifests));
        Assert.Equal(before, File.ReadAllBytes(_node.Root.StashedEtcdManifest));
        Assert.Equal("0:0 0700", _node.Host.OwnerOf("/etc/kubernetes/etcdfleet-stash"));
        Assert.Equal(response.Stashed.Sha256, _node.StashRecords.Read()!.Sha256);
    }

    [Fact]
    public async Task Stash_Again_IsNoChange()
    {
        await _node.WithUnitAsync();
        var first = await _node.StashAsync();

        var second = await _node.StashAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Stashed, second.Stashed);
    }

    [Fact]
    public async Task Stash_QuorumWouldBeLost_ChangesNothing()
    {
        await _node.WithUnitAsync();
        _node.Quorum.Refusal = "2 of 3 members are up";

        await Faults.MessageAsync(FaultReason.Quorum, () => _node.StashAsync());

        Assert.True(File.Exists(_node.Root.EtcdManifest));
        Assert.Null(_node.StashRecords.Read());
    }

    [Fact]
    public async Task Stash_ManifestChangedSinceTheChecks_IsRefused()
    {
        await _node.WithUnitAsync();

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.StashAsync(new string('0', 64)));

        Assert.True(File.Exists(_node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Stash_UnitNotInstalled_IsRefused() => await Faults.MessageAsync(FaultReason.UnitRunning, () => _node.StashAsync());

    [Fact]
    public async Task Stash_UnitRuns_IsRefused()
    {
        await _node.WithUnitAsync();
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, () => _node.StashAsync());
    }

    [Fact]
    public async Task Stash_AgentDiedBeforeTheMove_RepeatDoesIt()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        File.Move(_node.Root.StashedEtcdManifest, _node.Root.EtcdManifest); // the record and the folder are there, the move is not

        Assert.True((await _node.StashAsync()).Change.Changed);
        Assert.False(File.Exists(_node.Root.EtcdManifest));
    }

    public void Dispose() => _node.Dispose();
}
