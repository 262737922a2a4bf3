using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class StartControlPlaneTests : IDisposable
{
    private readonly RestoreNode _node = new();

    private string Stashed => Path.Combine(_node.Root.Stash, "restore/kube-apiserver.yaml");

    [Fact]
    public async Task Start_PutsBackBytesOwnerAndMode()
    {
        var (bytes, owner) = (File.ReadAllBytes(_node.Root.ApiServerManifest), _node.Host.OwnerOf("/etc/kubernetes/manifests/kube-apiserver.yaml"));
        await _node.WithControlPlaneStoppedAsync();

        Assert.True((await _node.StartControlPlaneAsync()).Change.Changed);

        Assert.Equal(bytes, File.ReadAllBytes(_node.Root.ApiServerManifest));
        Assert.Equal(owner, _node.Host.OwnerOf("/etc/kubernetes/manifests/kube-apiserver.yaml"));
        Assert.False((await _node.StartControlPlaneAsync()).Change.Changed);
        Assert.False((await _node.GetAsync()).Returned);
    }

    [Fact]
    public async Task Start_WithTheRestoredDataInPlace_IsOnRecord()
    {
        await _node.WithEtcdStoppedAsync();
        await _node.SwapAsync();

        await _node.StartControlPlaneAsync();

        Assert.True((await _node.GetAsync()).Returned);
    }

    [Fact]
    public async Task Start_TheStashedOneWasChanged_IsRefusedAndNothingIsMoved()
    {
        await _node.WithControlPlaneStoppedAsync();
        File.AppendAllText(Stashed, "# changed");

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.StartControlPlaneAsync());
        Assert.Empty(Directory.EnumerateFiles(_node.Root.Manifests));
    }

    [Fact]
    public async Task Start_SomebodyPutAnotherInItsPlace_IsRefused()
    {
        await _node.WithControlPlaneStoppedAsync();
        File.WriteAllText(_node.Root.ApiServerManifest, "kubeadm wrote one");

        await Faults.MessageAsync(FaultReason.ManifestChanged, () => _node.StartControlPlaneAsync());
    }

    [Fact]
    public async Task Start_TheStashedOneIsGone_SaysWhereItBelongs()
    {
        await _node.WithControlPlaneStoppedAsync();
        File.Delete(Stashed);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => _node.StartControlPlaneAsync());
    }

    [Fact]
    public async Task Start_WithoutARestore_IsNoChange() => Assert.False((await _node.StartControlPlaneAsync()).Change.Changed);

    public void Dispose() => _node.Dispose();
}
