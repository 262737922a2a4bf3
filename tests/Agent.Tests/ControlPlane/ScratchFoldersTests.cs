using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ScratchFoldersTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public void Create_IsRootsAloneAndGoneAfterwards()
    {
        string path;
        using (var folder = _node.ScratchFolders.Create())
        {
            path = folder.Path;
            var file = folder.Write("kubeadm.yaml", "a: b\n");
            folder.LinkForDryRun(_node.Root.AdminConf);
            File.WriteAllText(Path.Combine(path, "left.tmp"), "by a program");

            Assert.Equal(("0:0 0700", "0:0 0600", "0:0 0700"), (Owner(path), Owner(file), Owner(folder.DryRun)));
            Assert.Equal("0:0 0700", Owner(Path.Combine(_node.Root.State, "scratch")));
            Assert.Equal("a: b\n", File.ReadAllText(file));
            Assert.Equal(_node.Root.AdminConf, new FileInfo(Path.Combine(folder.DryRun, "admin.conf")).LinkTarget);
        }

        Assert.False(Directory.Exists(path));
        Assert.True(File.Exists(_node.Root.AdminConf));
    }

    [Fact]
    public void Create_Twice_AreTwo()
    {
        using var one = _node.ScratchFolders.Create();
        using var other = _node.ScratchFolders.Create();

        Assert.NotEqual(one.Path, other.Path);
    }

    [Fact]
    public void Dispose_RemovedByAProgramAlready_IsNoFailure()
    {
        using var folder = _node.ScratchFolders.Create();

        Directory.Delete(folder.Path);
    }

    [Fact]
    public void Sweep_RemovesWhatAKilledAgentLeft()
    {
        _node.ScratchFolders.Create().Write("kubeadm.yaml", "a: b\n");
        var left = _node.ScratchFolders.Create();
        left.LinkForDryRun(_node.Root.AdminConf);

        _node.ScratchFolders.Sweep();

        Assert.Empty(_node.Scratch);
        Assert.True(File.Exists(_node.Root.AdminConf)); // the link went, not what it leads to
    }

    [Fact]
    public void Sweep_NothingThere_IsNoFailure()
    {
        _node.ScratchFolders.Sweep();

        Assert.Empty(_node.Scratch);
    }

    public void Dispose() => _node.Dispose();

    private string Owner(string path) => _node.Host.OwnerOf(_node.Root.Name(path));
}
