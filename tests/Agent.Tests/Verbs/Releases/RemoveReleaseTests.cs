using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

public sealed class RemoveReleaseTests : IAsyncLifetime
{
    private ReleaseNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await ReleaseNode.StartAsync();
        await _node.FetchAsync(_node.Serve(TestTarball.Release(ReleaseNode.Version)));
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Remove_WhatWasInstalled_IsGone()
    {
        await _node.InstallAsync();

        Assert.True((await _node.RemoveAsync()).Change.Changed);
        Assert.Empty(_node.Binaries);
        Assert.False((await _node.RemoveAsync()).Change.Changed);
    }

    [Fact]
    public async Task Remove_NothingInstalledByUs_ChangesNothing()
    {
        _node.Program("etcd", "etcd Version: 3.6.6");

        Assert.False((await _node.RemoveAsync()).Change.Changed);
        Assert.Equal(["etcd"], _node.Binaries);
    }

    [Fact]
    public async Task Remove_ProgramOfTheUsersOwn_IsLeft()
    {
        _node.Program("etcdctl", "etcdctl version: 3.6.6");
        await _node.InstallAsync();

        await _node.RemoveAsync();

        Assert.Equal(["etcdctl"], _node.Binaries);
    }

    [Fact]
    public async Task Remove_ChangedSince_IsLeftAndSaid()
    {
        await _node.InstallAsync();
        File.AppendAllText(Path.Combine(_node.Root.Binaries, "etcd"), "echo mine\n");

        var response = await _node.RemoveAsync();

        Assert.Contains("/usr/local/bin/etcd is left", response.Change.Summary);
        Assert.Equal(["etcd"], _node.Binaries);
    }

    [Fact]
    public async Task Remove_UnitRuns_IsRefused()
    {
        await _node.InstallAsync();
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, () => _node.RemoveAsync());
        Assert.Equal(3, _node.Binaries.Count());
    }
}
