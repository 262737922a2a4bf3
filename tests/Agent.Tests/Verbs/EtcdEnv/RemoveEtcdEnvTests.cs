using EtcdFleet.Agent.Tests.Kube;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

public sealed class RemoveEtcdEnvTests : IDisposable
{
    private readonly EtcdEnvNode _node = new();

    private string[] Files => [.. Directory.EnumerateFiles(_node.Root.EtcdConf).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Remove_OurFile_IsGone()
    {
        await _node.WriteAsync();

        Assert.True((await _node.RemoveAsync()).Change.Changed);
        Assert.Empty(Files);
    }

    [Fact]
    public async Task Remove_NothingWritten_ChangesNothing()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n");

        Assert.False((await _node.RemoveAsync()).Change.Changed);
        Assert.Equal(["etcd.env"], Files);
    }

    [Fact]
    public async Task Remove_Again_ChangesNothing()
    {
        await _node.WriteAsync();
        await _node.RemoveAsync();

        Assert.False((await _node.RemoveAsync()).Change.Changed);
    }

    [Fact]
    public async Task Remove_AfterAnAside_PutsTheUsersFileBackAsItWas()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n", UnixFileMode.UserRead);
        await _node.WriteAsync();
        _node.Manifest(KubeadmPods.With("--quota-backend-bytes=8589934592"));
        await _node.WriteAsync();

        await _node.RemoveAsync();

        Assert.Equal("ETCD_NAME=theirs\n", _node.Env);
        Assert.Equal("0:0 0400", _node.Host.OwnerOf("/etc/etcd/etcd.env"));
        Assert.Equal(["etcd.env"], Files);
    }

    [Fact]
    public async Task Remove_ChangedByHandSince_IsSetAsideAndNotDeleted()
    {
        await _node.WriteAsync();
        File.AppendAllText(_node.Root.EtcdEnv, "ETCD_LOG_LEVEL=debug\n");

        var response = await _node.RemoveAsync();

        Assert.Contains("was changed by hand", response.Change.Summary);
        Assert.Contains("ETCD_LOG_LEVEL=debug", File.ReadAllText(Path.Combine(_node.Root.EtcdConf, Assert.Single(Files))));
        Assert.False(File.Exists(_node.Root.EtcdEnv));
    }

    [Fact]
    public async Task Remove_ChangedByHandOverAnAside_KeepsBoth()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n");
        await _node.WriteAsync();
        File.AppendAllText(_node.Root.EtcdEnv, "ETCD_LOG_LEVEL=debug\n");

        await _node.RemoveAsync();

        Assert.Equal("ETCD_NAME=theirs\n", _node.Env);
        Assert.Equal(2, Files.Length);
    }

    [Fact]
    public async Task Remove_UnitRuns_IsRefusedAndLeavesTheFile()
    {
        await _node.WriteAsync();
        _node.Systemd.Run("etcd.service");

        await Faults.MessageAsync(FaultReason.UnitRunning, _node.RemoveAsync);

        Assert.Equal(["etcd.env"], Files);
    }

    [Fact]
    public async Task Remove_AgentDiedBeforeItReplacedTheFile_LeavesTheUsersFile()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n");
        var aside = (await _node.WriteAsync()).SetAside;
        File.Move(_node.Root.At(aside), _node.Root.EtcdEnv, overwrite: true); // as if only the record had been written

        await _node.RemoveAsync();

        Assert.Equal("ETCD_NAME=theirs\n", _node.Env);
        Assert.Equal(["etcd.env"], Files);
    }

    [Fact]
    public async Task Remove_AgentDiedBeforeItWroteTheNewFile_PutsTheUsersFileBack()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n");
        await _node.WriteAsync();
        File.Delete(_node.Root.EtcdEnv);

        await _node.RemoveAsync();

        Assert.Equal("ETCD_NAME=theirs\n", _node.Env);
    }

    public void Dispose() => _node.Dispose();
}
