using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

public sealed class RestoreApiServerTests : IDisposable
{
    private const string Stash = "/etc/kubernetes/etcdfleet-stash/kube-apiserver.yaml";

    private readonly ControlPlaneNode _node = new();

    [Fact]
    public async Task Restore_PutsBackTheSameBytesOwnerAndMode()
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(_node.Root.ApiServerManifest), .. "# by hand \u00e4\r\n"u8];
        File.WriteAllBytes(_node.Root.ApiServerManifest, bytes);
        new Agent.Host.Ownership(_node.Root).Set(_node.Root.ApiServerManifest, new(0, TempHostRoot.EtcdGroup, 0b110_100_000));
        await _node.RegenerateAsync();

        var response = await _node.RestoreApiServerAsync();

        Assert.Equal((true, "put /etc/kubernetes/manifests/kube-apiserver.yaml back as it was"), (response.Change.Changed, response.Change.Summary));
        Assert.Equal(bytes, File.ReadAllBytes(_node.Root.ApiServerManifest));
        Assert.Equal($"0:{TempHostRoot.EtcdGroup} 0640", _node.Host.OwnerOf(ControlPlaneNode.Manifest));
        Assert.Equal((ControlPlaneNode.Manifest, _node.Manifests.InUse!.Sha256), (response.Restored.Path, response.Restored.Sha256));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_node.Root.Stash));
        Assert.Null(_node.ApiServerRecords.Read());
    }

    [Fact]
    public async Task Restore_Again_IsNoChange()
    {
        await _node.RegenerateAsync();
        var first = await _node.RestoreApiServerAsync();

        var second = await _node.RestoreApiServerAsync();

        Assert.False(second.Change.Changed);
        Assert.Equal(first.Restored, second.Restored);
    }

    [Fact]
    public async Task Restore_NothingKept_IsNoChange()
    {
        var text = _node.ManifestText;

        Assert.Equal("no manifest was kept", (await _node.RestoreApiServerAsync()).Change.Summary);
        Assert.Equal(text, _node.ManifestText);
    }

    [Fact]
    public async Task Restore_RegeneratedAgain_CanBeDoneAgain()
    {
        var text = _node.ManifestText;
        await _node.RegenerateAsync();
        await _node.RestoreApiServerAsync();
        await _node.RegenerateAsync();

        await _node.RestoreApiServerAsync();

        Assert.Equal(text, _node.ManifestText);
    }

    [Fact]
    public async Task Restore_TheSameBytesWithAnotherMode_GetTheirModeBack()
    {
        await _node.RegenerateAsync();
        File.Copy(_node.Root.StashedApiServerManifest, _node.Root.ApiServerManifest, overwrite: true);
        File.SetUnixFileMode(_node.Root.ApiServerManifest, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.True((await _node.RestoreApiServerAsync()).Change.Changed);
        Assert.Equal("0:0 0600", _node.Host.OwnerOf(ControlPlaneNode.Manifest));
    }

    [Fact]
    public async Task Restore_KeptFileChangedSince_IsRefused()
    {
        await _node.RegenerateAsync();
        var text = _node.ManifestText;
        File.AppendAllText(_node.Root.StashedApiServerManifest, "# edited\n");

        Assert.Contains($"{Stash} has SHA-256", await Faults.MessageAsync(FaultReason.ManifestChanged, _node.RestoreApiServerAsync));
        Assert.Equal(text, _node.ManifestText);
    }

    [Fact]
    public async Task Restore_KeptFileGone_IsRefused()
    {
        await _node.RegenerateAsync();
        File.Delete(_node.Root.StashedApiServerManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, _node.RestoreApiServerAsync);
    }

    /// <summary>An upgrade has written the manifest anew: the kept one would bring the old version back.</summary>
    [Fact]
    public async Task Restore_UpgradedSince_IsRefused()
    {
        await _node.RegenerateAsync();
        var upgraded = _node.ManifestText.Replace("kube-apiserver:v1.35.6", "kube-apiserver:v1.36.2");
        _node.Host.Write(ControlPlaneNode.Manifest, upgraded);

        var message = await Faults.MessageAsync(FaultReason.ManifestChanged, _node.RestoreApiServerAsync);

        Assert.Contains("kube-apiserver:v1.36.2 -> registry.k8s.io/kube-apiserver:v1.35.6", message);
        Assert.Equal(upgraded, _node.ManifestText);
        Assert.NotNull(_node.ApiServerRecords.Read());
    }

    [Fact]
    public async Task Restore_EtcdsFlagsChangedByHandSince_SetsThatAside()
    {
        await _node.RegenerateAsync();
        var edited = _node.ManifestText.Replace("https://10.66.0.13:2379", "https://10.66.0.14:2379");
        _node.Host.Write(ControlPlaneNode.Manifest, edited);

        Assert.True((await _node.RestoreApiServerAsync()).Change.Changed);

        Assert.Equal(edited, File.ReadAllText(Assert.Single(Directory.EnumerateFiles(_node.Root.Stash))));
    }

    [Fact]
    public async Task Restore_ManifestGone_IsPutBack()
    {
        var text = _node.ManifestText;
        await _node.RegenerateAsync();
        File.Delete(_node.Root.ApiServerManifest);

        Assert.True((await _node.RestoreApiServerAsync()).Change.Changed);
        Assert.Equal(text, _node.ManifestText);
    }

    /// <summary>Died between the copy and its end: in use again, still kept, and recorded.</summary>
    [Fact]
    public async Task Restore_AgentDiedAfterTheWriting_FinishesIt()
    {
        await _node.RegenerateAsync();
        File.Copy(_node.Root.StashedApiServerManifest, _node.Root.ApiServerManifest, overwrite: true);

        Assert.False((await _node.RestoreApiServerAsync()).Change.Changed);
        Assert.False(File.Exists(_node.Root.StashedApiServerManifest));
        Assert.Null(_node.ApiServerRecords.Read());
    }

    /// <summary>Died one line later: no longer kept, still recorded.</summary>
    [Fact]
    public async Task Restore_AgentDiedBeforeTheRecordWasRetired_RetiresIt()
    {
        await _node.RegenerateAsync();
        File.Move(_node.Root.StashedApiServerManifest, _node.Root.ApiServerManifest, overwrite: true);

        Assert.False((await _node.RestoreApiServerAsync()).Change.Changed);
        Assert.Null(_node.ApiServerRecords.Read());
    }

    public void Dispose() => _node.Dispose();
}
