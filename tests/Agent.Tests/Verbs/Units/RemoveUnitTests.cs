using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Units;

public sealed class RemoveUnitTests : IDisposable
{
    private const string Foreign = "[Service]\nExecStart=/opt/etcd\n[Install]\nWantedBy=multi-user.target\n";

    private readonly TestNode _node = new();

    private string Wanted => _node.Root.At("/etc/systemd/system/multi-user.target.wants/etcd.service");

    [Fact]
    public async Task Remove_TakesAwayWhatInstallWrote()
    {
        await _node.WithUnitAsync();

        Assert.True((await _node.RemoveUnitAsync()).Change.Changed);

        Assert.False(File.Exists(_node.Root.EtcdUnit));
        Assert.False(Path.Exists(Wanted));
        Assert.Null(_node.UnitRecords.Read());
        Assert.Equal("not-found", (await _node.Systemd.ShowAsync("etcd.service", TestContext.Current.CancellationToken)).LoadState);
    }

    [Fact]
    public async Task Remove_Again_IsNoChange()
    {
        await _node.WithUnitAsync();
        await _node.RemoveUnitAsync();

        Assert.False((await _node.RemoveUnitAsync()).Change.Changed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Remove_PutsBackTheForeignUnit_EnabledAsItWas(bool enabled)
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        if (enabled)
        {
            await _node.Systemd.EnableAsync("etcd.service", TestContext.Current.CancellationToken);
        }

        await _node.WithUnitAsync();

        await _node.RemoveUnitAsync();

        Assert.Equal(Foreign, File.ReadAllText(_node.Root.EtcdUnit));
        Assert.Equal("0:0 0440", _node.Host.OwnerOf("/etc/systemd/system/etcd.service"));
        Assert.Equal(enabled, Path.Exists(Wanted));
    }

    [Fact]
    public async Task Remove_PutsBackTheMask()
    {
        File.CreateSymbolicLink(_node.Root.EtcdUnit, "/dev/null");
        await _node.WithUnitAsync();

        await _node.RemoveUnitAsync();

        Assert.Equal("/dev/null", new FileInfo(_node.Root.EtcdUnit).LinkTarget);
    }

    [Fact]
    public async Task Remove_UnitEditedSince_IsKept()
    {
        await _node.WithUnitAsync();
        File.AppendAllText(_node.Root.EtcdUnit, "# by hand\n");

        var response = await _node.RemoveUnitAsync();

        var kept = Assert.Single(Directory.EnumerateFiles(_node.Root.At("/var/lib/etcdfleet/set-aside")));
        Assert.EndsWith("# by hand\n", File.ReadAllText(kept), StringComparison.Ordinal);
        Assert.Contains(_node.Root.Name(kept), response.Change.Summary, StringComparison.Ordinal);
        Assert.False(File.Exists(_node.Root.EtcdUnit));
    }

    [Fact]
    public async Task Remove_ForeignUnitThatWeNeverTouched_IsLeftAlone()
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign);

        Assert.False((await _node.RemoveUnitAsync()).Change.Changed);
        Assert.Equal(Foreign, File.ReadAllText(_node.Root.EtcdUnit));
    }

    [Fact]
    public async Task Remove_UnitRuns_IsRefused()
    {
        await _node.WithUnitAsync();
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.RemoveUnitAsync);

        Assert.True(File.Exists(_node.Root.EtcdUnit));
        Assert.True(Path.Exists(Wanted));
    }

    [Fact]
    public async Task Remove_AgentDiedBeforeTheRecordWasRetired_RepeatFinishes()
    {
        _node.Host.Write("/etc/systemd/system/etcd.service", Foreign);
        await _node.WithUnitAsync();
        var record = _node.UnitRecords.Read()!;
        await _node.RemoveUnitAsync();
        _node.UnitRecords.Write(record);

        await _node.RemoveUnitAsync();

        Assert.Equal(Foreign, File.ReadAllText(_node.Root.EtcdUnit));
        Assert.Single(Directory.EnumerateFiles(_node.Root.At("/var/lib/etcdfleet/set-aside")));
        Assert.Null(_node.UnitRecords.Read());
    }

    public void Dispose() => _node.Dispose();
}
