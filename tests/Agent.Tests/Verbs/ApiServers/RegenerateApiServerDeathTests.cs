using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.ApiServers;

/// <summary>The agent dies at every place where it turns to the world, and between its own two writes. Called again, or undone, all ends well.</summary>
public sealed class RegenerateApiServerDeathTests : IDisposable
{
    /// <summary>The ConfigMap, version, validate, migrate, the dry run, and the writing itself.</summary>
    private const int Calls = 6;

    private readonly ControlPlaneNode _node = new();

    public static TheoryData<int, bool> EveryPlace() => [.. from call in Enumerable.Range(1, Calls) from after in (bool[])[false, true] select (call, after)];

    [Fact]
    public async Task Places_AreAllOfThem()
    {
        await _node.RegenerateAsync();

        Assert.Equal(Calls, _node.Death.Count);
    }

    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task Regenerate_AfterADeath_IsDoneAndKeepsTheFirstFile(int call, bool after)
    {
        var before = _node.ManifestText;
        await DieAsync(call, after);

        await _node.RegenerateAsync();

        Assert.Contains($"--etcd-servers={string.Join(',', ControlPlaneNode.Endpoints)}\n", _node.ManifestText);
        Assert.Equal(before, File.ReadAllText(_node.Root.StashedApiServerManifest));
        Assert.NotNull(_node.ApiServerRecords.Read());
        Assert.Empty(Directory.EnumerateFiles(_node.Root.Stash, "*.out-of-date-*"));
    }

    [Theory]
    [MemberData(nameof(EveryPlace))]
    public async Task Restore_AfterADeath_IsAsBefore(int call, bool after)
    {
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        var (before, owner) = (_node.ManifestText, _node.Host.OwnerOf(ControlPlaneNode.Manifest));
        await DieAsync(call, after);

        await _node.RestoreApiServerAsync();

        Assert.Equal((before, owner), (_node.ManifestText, _node.Host.OwnerOf(ControlPlaneNode.Manifest)));
        Assert.False(File.Exists(_node.Root.StashedApiServerManifest));
        Assert.Null(_node.ApiServerRecords.Read());
    }

    /// <summary>The file was kept, the record not yet written.</summary>
    [Fact]
    public async Task Regenerate_KeptWithoutARecord_KeepsItAgain()
    {
        var before = _node.ManifestText;
        await DieAsync(Calls, after: false);
        _node.ApiServerRecords.Retire();

        Assert.False((await _node.RestoreApiServerAsync()).Change.Changed); // nothing was changed, nothing is to be undone
        await _node.RegenerateAsync();

        Assert.Equal(before, File.ReadAllText(_node.Root.StashedApiServerManifest));
        Assert.Equal(_node.Manifests.Kept!.Sha256, _node.ApiServerRecords.Read()!.Sha256);
        Assert.Equal(["kube-apiserver.yaml"], Directory.EnumerateFiles(_node.Root.Stash).Select(Path.GetFileName));
    }

    /// <summary>The old record was retired, and the old file not yet set aside.</summary>
    [Fact]
    public async Task Regenerate_OutOfDateFileWithoutARecord_IsSetAside()
    {
        await DieAsync(Calls, after: false);
        _node.ApiServerRecords.Retire();
        var old = _node.ManifestText.Replace("v1.35.6", "v1.34.1");
        _node.Host.Write("/etc/kubernetes/etcdfleet-stash/kube-apiserver.yaml", old);

        await _node.RegenerateAsync();

        Assert.Equal(old, File.ReadAllText(Assert.Single(Directory.EnumerateFiles(_node.Root.Stash, "*.out-of-date-*"))));
    }

    /// <summary>kubeadm writes in place: the death of the machine may leave half a file.</summary>
    [Fact]
    public async Task Restore_HalfAManifest_IsAsBefore()
    {
        var before = _node.ManifestText;
        await DieAsync(Calls, after: true);
        File.WriteAllText(_node.Root.ApiServerManifest, before[..200] + "\n  [");

        Assert.True((await _node.RestoreApiServerAsync()).Change.Changed);
        Assert.Equal(before, _node.ManifestText);
    }

    public void Dispose() => _node.Dispose();

    private async Task DieAsync(int call, bool after)
    {
        (_node.Death.At, _node.Death.After) = (call, after);
        await Assert.ThrowsAsync<AgentDiedException>(() => _node.RegenerateAsync());
        _node.Death.Revive();
    }
}
