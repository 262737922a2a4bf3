using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Owners;

public sealed class ChownEtcdFilesTests : IDisposable
{
    private readonly TestNode _node = new();

    public ChownEtcdFilesTests() => _node.Host.Stash();

    [Fact]
    public async Task Chown_GivesTheDataToEtcdAndTheKeysToItsGroup()
    {
        var response = await _node.ChownAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal(10u, response.Files);
        Assert.Equal(
            """
            /etc/kubernetes/pki/etcd/peer.key 0:64380 0640
            /etc/kubernetes/pki/etcd/server.key 0:64380 0640
            /var/lib/etcd 64379:64380 0755
            /var/lib/etcd/member 64379:64380 0700
            /var/lib/etcd/member/snap 64379:64380 0700
            /var/lib/etcd/member/snap/0000000000000002-0000000000002711.snap 64379:64380 0644
            /var/lib/etcd/member/snap/db 64379:64380 0600
            /var/lib/etcd/member/wal 64379:64380 0700
            /var/lib/etcd/member/wal/0.tmp 64379:64380 0600
            /var/lib/etcd/member/wal/0000000000000000-0000000000000000.wal 64379:64380 0600
            """,
            _node.Host.Owners());
    }

    [Fact]
    public async Task Chown_TouchesNoOtherKey()
    {
        await _node.ChownAsync();

        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/pki/etcd/ca.key"));
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/pki/etcd/healthcheck-client.key"));
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/pki/apiserver-etcd-client.key"));
    }

    [Fact]
    public async Task Chown_SaysWhatWasBefore()
    {
        var response = await _node.ChownAsync();

        Assert.Equal(
            ["/etc/kubernetes/pki/etcd/peer.key 0:0 0600", "/etc/kubernetes/pki/etcd/server.key 0:0 0600", "/var/lib/etcd 0:0 0755", "/var/lib/etcd/member 0:0 0700"],
            response.Before.Select(file => $"{file.Path} {OwnerAndMode.From(file)}").Order());
    }

    [Fact]
    public async Task Chown_Again_IsNoChangeAndKeepsTheFirstRecord()
    {
        var first = await _node.ChownAsync();

        var second = await _node.ChownAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Before, second.Before);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Chown_AgentDiedInTheMiddle_RepeatFinishesAndTheUndoIsWhole(int done)
    {
        var before = _node.Host.Owners();
        await _node.ChownAsync();
        var after = _node.Host.Owners();
        foreach (var file in _node.Ownership.Walk(_node.Root.At(TempHostRoot.DataDir)).Skip(done))
        {
            _node.Ownership.Set(_node.Root.At(TempHostRoot.DataDir), file.Relative, file.Status.Owner with { User = 0, Group = 0 });
        }

        Assert.True((await _node.ChownAsync()).Change.Changed);

        Assert.Equal(after, _node.Host.Owners());
        await _node.RestoreOwnersAsync();
        Assert.Equal(before, _node.Host.Owners());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chown_LinkOrSecondNameInTheDataDir_ChangesNothing(bool hard)
    {
        var before = _node.Host.Owners();
        var bad = _node.Root.At("/var/lib/etcd/member/wal/bad");
        if (hard)
        {
            HardLink(_node.Root.Passwd, bad);
        }
        else
        {
            File.CreateSymbolicLink(bad, _node.Root.Passwd);
        }

        await Faults.MessageAsync(FaultReason.UnsafeFile, _node.ChownAsync);

        File.Delete(bad);
        Assert.Equal(before, _node.Host.Owners());
        Assert.Equal("0:0 0644", _node.Host.OwnerOf("/etc/passwd"));
        Assert.Null(_node.OwnerRecords.Read());
    }

    [Fact]
    public async Task Chown_KeyIsALink_ChangesNothing()
    {
        var before = _node.Host.OwnerOf("/var/lib/etcd/member");
        File.Move(_node.Root.At(TempHostRoot.PeerKey), _node.Root.At("/etc/kubernetes/pki/elsewhere.key"));
        File.CreateSymbolicLink(_node.Root.At(TempHostRoot.PeerKey), _node.Root.At("/etc/kubernetes/pki/elsewhere.key"));

        await Faults.MessageAsync(FaultReason.UnsafeFile, _node.ChownAsync);

        Assert.Equal(before, _node.Host.OwnerOf("/var/lib/etcd/member"));
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/pki/elsewhere.key"));
    }

    [Fact]
    public async Task Chown_ManifestNamesTheCasKey_IsRefused()
    {
        File.WriteAllText(_node.Root.StashedEtcdManifest, File.ReadAllText(_node.Root.StashedEtcdManifest).Replace("etcd/peer.key", "etcd/ca.key", StringComparison.Ordinal));

        Assert.Contains("is a CA's", await Faults.MessageAsync(FaultReason.UnsafeFile, _node.ChownAsync), StringComparison.Ordinal);
        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/etc/kubernetes/pki/etcd/ca.key"));
    }

    [Fact]
    public async Task Chown_FileOfAStranger_IsRefused()
    {
        _node.Ownership.Set(_node.Root.At("/var/lib/etcd/member/snap/db"), new OwnerAndMode(12345, 0, OwnerAndMode.GroupReadable));

        var message = await Faults.MessageAsync(FaultReason.UnsafeFile, _node.ChownAsync);

        Assert.Contains("/var/lib/etcd/member/snap/db belongs to user 12345", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chown_SomethingOfThePodLeft_IsRefused()
    {
        _node.Traces.Left.Add(PodSign.Process);

        await Faults.MessageAsync(FaultReason.PodRunning, _node.ChownAsync);

        Assert.Equal("0:0 0600", _node.Host.OwnerOf("/var/lib/etcd/member/snap/db"));
    }

    [Fact]
    public async Task Chown_ManifestInUse_IsRefused()
    {
        File.Move(_node.Root.StashedEtcdManifest, _node.Root.EtcdManifest);

        await Faults.MessageAsync(FaultReason.PodRunning, _node.ChownAsync);
    }

    [Fact]
    public async Task Chown_UnitRuns_IsRefused()
    {
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.ChownAsync);
    }

    [Fact]
    public async Task Chown_NoEtcdUser_IsRefused()
    {
        _node.Host.Write("/etc/passwd", "root:x:0:0::/:/bin/sh\n");

        await Faults.MessageAsync(FaultReason.UserMissing, _node.ChownAsync);
    }

    [Fact]
    public async Task Chown_RecordOfAnotherDataDirStands_IsRefused()
    {
        await _node.ChownAsync();
        File.WriteAllText(_node.Root.StashedEtcdManifest, File.ReadAllText(_node.Root.StashedEtcdManifest).Replace("/var/lib/etcd", "/var/lib/other", StringComparison.Ordinal));
        _node.Host.Folder("/var/lib/other");

        await Faults.MessageAsync(FaultReason.UnsafeFile, _node.ChownAsync);

        Assert.Equal("0:0 0755", _node.Host.OwnerOf("/var/lib/other"));
    }

    public void Dispose() => _node.Dispose();

    private static void HardLink(string from, string to)
    {
        using var process = System.Diagnostics.Process.Start("/bin/ln", [from, to]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
