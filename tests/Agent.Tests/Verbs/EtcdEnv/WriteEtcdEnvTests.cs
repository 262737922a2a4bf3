using System.Security.Cryptography;
using EtcdFleet.Agent.Tests.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

public sealed class WriteEtcdEnvTests : IDisposable
{
    private readonly EtcdEnvNode _node = new();

    [Fact]
    public async Task Write_First_WritesTheFileForEtcdsGroup()
    {
        var response = await _node.WriteAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal("/etc/etcd/etcd.env", response.File.Path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_node.Root.EtcdEnv))), response.File.Sha256);
        Assert.Equal($"0:{TempHostRoot.EtcdGroup} 0640", _node.Host.OwnerOf("/etc/etcd/etcd.env"));
        Assert.Equal("", response.SetAside);
        Assert.Equal(response.Rows.Select(row => (row.Variable, row.Value)), _node.Variables.Select(variable => (variable.Key, variable.Value)));
        Assert.Contains(new("ETCD_INITIAL_CLUSTER_STATE", "existing"), _node.Variables);
    }

    [Fact]
    public async Task Write_SaysWhatItWasMadeFrom()
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_node.Root.EtcdManifest)));

        await _node.WriteAsync();

        Assert.All(_node.Env.Split('\n').TakeWhile(line => !line.StartsWith("ETCD_", StringComparison.Ordinal)), line => Assert.StartsWith("#", line));
        Assert.Contains($"# {digest}.", _node.Env);
    }

    [Fact]
    public async Task Write_Again_ChangesNothing()
    {
        await _node.WriteAsync();
        var response = await _node.WriteAsync();

        Assert.False(response.Change.Changed);
        Assert.Equal(20, response.Rows.Count);
    }

    [Fact]
    public async Task Write_AfterTheManifestWasStashed_ChangesNothing()
    {
        await _node.WriteAsync();
        _node.Host.Stash();

        Assert.False((await _node.WriteAsync()).Change.Changed);
    }

    [Fact]
    public async Task Write_OwnerOrModeChangedSince_SetsThemAgain()
    {
        await _node.WriteAsync();
        File.SetUnixFileMode(_node.Root.EtcdEnv, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.True((await _node.WriteAsync()).Change.Changed);
        Assert.Equal($"0:{TempHostRoot.EtcdGroup} 0640", _node.Host.OwnerOf("/etc/etcd/etcd.env"));
    }

    [Fact]
    public async Task Write_ManifestChangedSince_ReplacesOurOwnFileWithoutAside()
    {
        await _node.WriteAsync();
        _node.Manifest(KubeadmPods.With("--quota-backend-bytes=8589934592"));

        var response = await _node.WriteAsync();

        Assert.True(response.Change.Changed);
        Assert.Equal("", response.SetAside);
        Assert.Equal(["etcd.env"], Directory.EnumerateFiles(_node.Root.EtcdConf).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Write_FileOfTheUsers_IsSetAsideAndSaid()
    {
        _node.Host.Write("/etc/etcd/etcd.env", "ETCD_NAME=theirs\n");

        var response = await _node.WriteAsync();

        Assert.StartsWith("/etc/etcd/etcd.env.set-aside-not-ours-20261123T", response.SetAside);
        Assert.Equal("ETCD_NAME=theirs\n", File.ReadAllText(_node.Root.At(response.SetAside)));
        Assert.Contains(new("ETCD_NAME", "cp1"), _node.Variables);
    }

    [Fact]
    public async Task Write_NoEtcdFolderYet_MakesIt()
    {
        Directory.Delete(_node.Root.EtcdConf);

        await _node.WriteAsync();

        Assert.Equal("0:0 0755", _node.Host.OwnerOf("/etc/etcd"));
    }

    [Fact]
    public async Task Write_Link_IsRefused()
    {
        File.CreateSymbolicLink(_node.Root.EtcdEnv, "/etc/passwd");

        await Faults.MessageAsync(FaultReason.UnsafeFile, _node.WriteAsync);
    }

    [Fact]
    public async Task Write_NoEtcdGroup_IsRefusedAndWritesNothing()
    {
        _node.Host.Write("/etc/group", "root:x:0:\n");

        await Faults.MessageAsync(FaultReason.UserMissing, _node.WriteAsync);

        Assert.False(File.Exists(_node.Root.EtcdEnv));
    }

    public void Dispose() => _node.Dispose();
}
