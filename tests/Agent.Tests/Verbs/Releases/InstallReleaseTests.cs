using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Releases;

public sealed class InstallReleaseTests : IAsyncLifetime
{
    private ReleaseNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await ReleaseNode.StartAsync();
        await _node.FetchAsync(_node.Serve(TestTarball.Release(ReleaseNode.Version)));
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Install_Fetched_PutsTheThreeProgramsInPlace()
    {
        var owners = _node.Host.Owners();

        var response = await _node.InstallAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(["etcd", "etcdctl", "etcdutl"], _node.Binaries);
        Assert.Equal(["/usr/local/bin/etcd", "/usr/local/bin/etcdctl", "/usr/local/bin/etcdutl"], response.Binaries.Select(binary => binary.Path).Order(StringComparer.Ordinal));
        Assert.All(response.Binaries, binary =>
        {
            Assert.Equal("0:0 0755", _node.Host.OwnerOf(binary.Path));
            Assert.Equal(binary.Sha256, TestTarball.Digest(File.ReadAllBytes(_node.Root.At(binary.Path))));
            Assert.Equal((ulong)new FileInfo(_node.Root.At(binary.Path)).Length, binary.Size);
        });
        Assert.Equal(owners, _node.Host.Owners()); // IR-5
    }

    [Fact]
    public async Task Install_Again_ChangesNothing()
    {
        await _node.InstallAsync();
        var again = await _node.InstallAsync();

        Assert.False(again.Change.Changed);
        Assert.Equal(3, again.Binaries.Count);
    }

    [Fact]
    public async Task Install_AnotherVersionThere_IsRefusedAndNothingChanges()
    {
        _node.Program("etcdctl", "etcdctl version: 3.5.16");

        var message = await Faults.MessageAsync(FaultReason.VersionMismatch, () => _node.InstallAsync());

        Assert.Contains("etcdctl 3.5.16", message);
        Assert.Equal(["etcdctl"], _node.Binaries);
    }

    [Fact]
    public async Task Install_ProgramThatSaysNoVersion_IsRefused()
    {
        _node.Program("etcd", "hello");

        await Faults.MessageAsync(FaultReason.ProgramFailed, () => _node.InstallAsync());
    }

    [Fact]
    public async Task Install_LinkInThePlace_IsRefused()
    {
        File.CreateSymbolicLink(Path.Combine(_node.Root.Binaries, "etcd"), "/usr/bin/etcd");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => _node.InstallAsync());
    }

    [Fact]
    public async Task Install_NeverFetched_IsRefused() => await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.InstallAsync("3.6.7"));

    [Fact]
    public async Task Install_CacheWasTouched_IsRefused()
    {
        File.AppendAllText(_node.Root.At($"/var/lib/etcdfleet/releases/{ReleaseNode.Version}/etcd"), "echo evil\n");

        await Faults.MessageAsync(FaultReason.DownloadFailed, () => _node.InstallAsync());
        Assert.Empty(_node.Binaries);
    }

    [Fact]
    public async Task Install_HalfDoneBefore_DoesTheRestAndCleansUp()
    {
        await _node.InstallAsync();
        File.Delete(Path.Combine(_node.Root.Binaries, "etcd"));
        _node.Host.Write("/usr/local/bin/.etcd.0123.part", "half");

        Assert.True((await _node.InstallAsync()).Change.Changed);
        Assert.Equal(["etcd", "etcdctl", "etcdutl"], _node.Binaries);

        await _node.RemoveAsync();
        Assert.Empty(_node.Binaries); // the record still knows all three
    }

    [Fact]
    public async Task Install_InvalidVersion_IsRefused() => await Faults.MessageAsync(FaultReason.InvalidRequest, () => _node.InstallAsync("../../etc"));
}
