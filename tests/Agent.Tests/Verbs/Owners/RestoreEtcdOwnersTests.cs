using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Owners;

public sealed class RestoreEtcdOwnersTests : IDisposable
{
    private readonly TestNode _node = new();

    public RestoreEtcdOwnersTests() => _node.Host.Stash();

    [Fact]
    public async Task Restore_GivesEveryFileItsFormerOwnerAndMode()
    {
        _node.Ownership.Set(_node.Root.At("/var/lib/etcd/member/wal/0.tmp"), new OwnerAndMode(0, 7, OwnerAndMode.GroupReadable));
        var before = _node.Host.Owners();
        await _node.ChownAsync();
        Assert.NotEqual(before, _node.Host.Owners());

        var response = await _node.RestoreOwnersAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(10u, response.Files);
        Assert.Equal(before, _node.Host.Owners());
    }

    [Fact]
    public async Task Restore_FilesThatEtcdMadeSince_GetTheDataDirsFormerOwner()
    {
        await _node.ChownAsync();
        _node.Host.Folder("/var/lib/etcd/member/new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _node.Host.Write("/var/lib/etcd/member/new/file", "", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _node.Ownership.Set(_node.Root.At("/var/lib/etcd/member/new"), new OwnerAndMode(TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup, OwnerAndMode.RootOnly.Mode));
        _node.Ownership.Set(_node.Root.At("/var/lib/etcd/member/new/file"), new OwnerAndMode(TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup, OwnerAndMode.GroupReadable));

        await _node.RestoreOwnersAsync();

        Assert.Equal("0:0 0700", _node.Host.OwnerOf("/var/lib/etcd/member/new"));
        Assert.Equal("0:0 0640", _node.Host.OwnerOf("/var/lib/etcd/member/new/file"));
    }

    [Fact]
    public async Task Restore_WithoutARecord_IsNoChange()
    {
        var before = _node.Host.Owners();

        Assert.False((await _node.RestoreOwnersAsync()).Change.Changed);
        Assert.Equal(before, _node.Host.Owners());
    }

    [Fact]
    public async Task Restore_Again_IsNoChange_AndTheNextChownRecordsAnew()
    {
        await _node.ChownAsync();
        await _node.RestoreOwnersAsync();

        Assert.False((await _node.RestoreOwnersAsync()).Change.Changed);

        await _node.ChownAsync();
        Assert.NotNull(_node.OwnerRecords.Read());
    }

    [Fact]
    public async Task Restore_AgentDiedInTheMiddle_RepeatFinishes()
    {
        var before = _node.Host.Owners();
        await _node.ChownAsync();
        var record = _node.OwnerRecords.Read()!;
        await _node.RestoreOwnersAsync();
        _node.OwnerRecords.Write(record); // the record had not been retired yet, and one file was still to do
        _node.Ownership.Set(_node.Root.At("/var/lib/etcd/member/snap/db"), new OwnerAndMode(TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup, OwnerAndMode.GroupReadable));

        Assert.True((await _node.RestoreOwnersAsync()).Change.Changed);

        Assert.Equal(before, _node.Host.Owners());
    }

    [Fact]
    public async Task Restore_UnitRuns_IsRefused()
    {
        await _node.ChownAsync();
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.RestoreOwnersAsync);

        Assert.Equal("64379:64380 0600", _node.Host.OwnerOf("/var/lib/etcd/member/snap/db"));
    }

    [Fact]
    public async Task Restore_LinkCameMeanwhile_ChangesNothing()
    {
        await _node.ChownAsync();
        File.CreateSymbolicLink(_node.Root.At("/var/lib/etcd/member/bad"), "/etc");

        await Faults.MessageAsync(FaultReason.UnsafeFile, _node.RestoreOwnersAsync);

        Assert.Equal("64379:64380 0600", _node.Host.OwnerOf("/var/lib/etcd/member/snap/db"));
        Assert.NotNull(_node.OwnerRecords.Read());
    }

    [Fact]
    public async Task Restore_KeyThatIsGone_IsPassedOver()
    {
        await _node.ChownAsync();
        File.Delete(_node.Root.At(TempHostRoot.PeerKey));

        await _node.RestoreOwnersAsync();

        Assert.Equal("0:0 0600", _node.Host.OwnerOf(TempHostRoot.ServerKey));
    }

    public void Dispose() => _node.Dispose();
}
