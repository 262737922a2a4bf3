using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Host;

public sealed class OwnershipTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    private string DataDir => _host.Root.At(TempHostRoot.DataDir);

    private Ownership Ownership => new(_host.Root);

    [Fact]
    public void Walk_NamesEverythingOnce_RootFirst()
    {
        var names = Ownership.Walk(DataDir).Select(file => file.Relative);

        Assert.Equal(
            ["", "member", "member/snap", "member/snap/0000000000000002-0000000000002711.snap", "member/snap/db", "member/wal", "member/wal/0.tmp", "member/wal/0000000000000000-0000000000000000.wal"],
            names);
    }

    [Fact]
    public void Walk_LinksAndSecondNames_AreAllNamedAndRefused()
    {
        File.CreateSymbolicLink(Path.Combine(DataDir, "member", "elsewhere"), "/etc");
        Run("/bin/ln", _host.Root.Passwd, Path.Combine(DataDir, "member", "second"));
        Run("/usr/bin/mkfifo", Path.Combine(DataDir, "member", "pipe"));

        var fault = Assert.Throws<AgentFault>(() => Ownership.Walk(DataDir));

        Assert.Equal(FaultReason.UnsafeFile, fault.Reason);
        Assert.Contains("/var/lib/etcd/member/elsewhere is a symbolic link", fault.Message, StringComparison.Ordinal);
        Assert.Contains("/var/lib/etcd/member/second is a file with 2 hard links", fault.Message, StringComparison.Ordinal);
        Assert.Contains("/var/lib/etcd/member/pipe is neither a file nor a folder", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Walk_DataDirIsALinkItself_IsFollowed()
    {
        // An admin's link to a larger disk is usual; what lies below is what counts.
        var link = _host.Root.At("/var/lib/etcd-link");
        File.CreateSymbolicLink(link, DataDir);

        Assert.Contains("member/snap/db", Ownership.Walk(link).Select(file => file.Relative));
    }

    [Fact]
    public void Set_BelowAFolderThatBecameALink_ReachesNothing()
    {
        // Whoever owns the data dir swaps a folder for a link after the walk.
        var outside = _host.Root.At("/etc/kubernetes/pki");
        Directory.Move(Path.Combine(DataDir, "member"), Path.Combine(DataDir, "moved"));
        File.CreateSymbolicLink(Path.Combine(DataDir, "member"), outside);
        var before = _host.OwnerOf("/etc/kubernetes/pki/apiserver-etcd-client.key");

        Assert.Throws<IOException>(() => Ownership.Set(DataDir, "member/apiserver-etcd-client.key", new OwnerAndMode(1, 1, 0x1FF)));

        Assert.Equal(before, _host.OwnerOf("/etc/kubernetes/pki/apiserver-etcd-client.key"));
    }

    [Fact]
    public void Set_SaysWhetherSomethingChanged()
    {
        var wanted = new OwnerAndMode(0, TempHostRoot.EtcdGroup, OwnerAndMode.GroupReadable);

        Assert.True(Ownership.Set(_host.Root.At(TempHostRoot.ServerKey), wanted));
        Assert.False(Ownership.Set(_host.Root.At(TempHostRoot.ServerKey), wanted));
        Assert.Equal("0:64380 0640", _host.OwnerOf(TempHostRoot.ServerKey));
    }

    [Fact]
    public void Set_OnALink_IsRefused()
    {
        var link = _host.Root.At("/etc/kubernetes/pki/link.key");
        File.CreateSymbolicLink(link, _host.Root.Passwd);

        Assert.Equal(FaultReason.UnsafeFile, Assert.Throws<AgentFault>(() => Ownership.Set(link, OwnerAndMode.RootOnly)).Reason);
        Assert.Equal("0:0 0644", _host.OwnerOf("/etc/passwd"));
    }

    [Fact]
    public void EnsureFolder_MakesItOrCorrectsIt()
    {
        var folder = _host.Root.At("/var/lib/etcdfleet/undo");

        Ownership.EnsureFolder(folder, OwnerAndMode.RootOnly);
        Assert.Equal("0:0 0700", _host.OwnerOf("/var/lib/etcdfleet/undo"));

        File.SetUnixFileMode(folder, (UnixFileMode)0x1FF);
        Ownership.EnsureFolder(folder, OwnerAndMode.RootOnly);
        Assert.Equal("0:0 0700", _host.OwnerOf("/var/lib/etcdfleet/undo"));
    }

    [Fact]
    public void EnsureFolder_LinkInItsPlace_IsRefused()
    {
        File.CreateSymbolicLink(_host.Root.At("/etc/kubernetes/etcdfleet-stash"), "/tmp");

        Assert.Equal(FaultReason.UnsafeFile, Assert.Throws<AgentFault>(() => Ownership.EnsureFolder(_host.Root.Stash, OwnerAndMode.RootOnly)).Reason);
    }

    [Fact]
    public void Of_NamesTheFileAsTheHostDoes()
    {
        var owner = Ownership.Of(_host.Root.EtcdManifest);

        Assert.Equal("/etc/kubernetes/manifests/etcd.yaml", owner.Path);
        Assert.Equal("0:0 0600", OwnerAndMode.From(owner).ToString());
    }

    public void Dispose() => _host.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
