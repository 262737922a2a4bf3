using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Restores;

public sealed class StopControlPlaneTests : IDisposable
{
    private readonly RestoreNode _node = new();

    private IEnumerable<string> InUse => Directory.EnumerateFiles(_node.Root.Manifests).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    [Fact]
    public async Task Stop_TakesTheThreeManifestsAway()
    {
        await _node.WithControlPlaneStoppedAsync();

        Assert.Empty(InUse);
        Assert.Equal(["kube-apiserver", "kube-controller-manager", "kube-scheduler"], (await _node.GetAsync()).Stashed.Order(StringComparer.Ordinal));
        Assert.False((await _node.StopControlPlaneAsync()).Change.Changed);
    }

    /// <summary>Without a leader etcd never gets ready under systemd: such a member must not be waited for on the way back.</summary>
    [Theory]
    [InlineData(7UL, true)]
    [InlineData(0UL, false)]
    [InlineData(null, false)]
    public async Task Stop_RemembersWhetherTheMemberWorked(ulong? leader, bool worked)
    {
        _node.Members.Leader = leader;

        await _node.WithControlPlaneStoppedAsync();
        _node.Members.Leader = 7;
        await _node.StopControlPlaneAsync();

        Assert.Equal(worked, (await _node.GetAsync()).Worked);
    }

    [Fact]
    public async Task Stop_NothingIsReady_IsRefused()
    {
        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopControlPlaneAsync());
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        await Faults.MessageAsync(FaultReason.RestoreNotReady, () => _node.StopControlPlaneAsync(new string('a', 64)));
        Assert.Equal(3, InUse.Count());
    }

    /// <summary>The agent died between two renames.</summary>
    [Fact]
    public async Task Stop_AfterADeathInTheMiddle_DoesTheRest()
    {
        await _node.WithControlPlaneStoppedAsync();
        File.Move(Path.Combine(_node.Root.Stash, "restore/kube-scheduler.yaml"), Path.Combine(_node.Root.Manifests, "kube-scheduler.yaml"));

        Assert.True((await _node.StopControlPlaneAsync()).Change.Changed);

        Assert.Empty(InUse);
        await _node.StartControlPlaneAsync();
        Assert.Equal(3, InUse.Count());
    }

    [Fact]
    public async Task Stop_TheManifestIsALink_IsRefusedAndNothingIsMoved()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        File.Delete(Path.Combine(_node.Root.Manifests, "kube-scheduler.yaml"));
        File.CreateSymbolicLink(Path.Combine(_node.Root.Manifests, "kube-scheduler.yaml"), "/etc/passwd");

        await Faults.MessageAsync(FaultReason.UnsafeFile, () => _node.StopControlPlaneAsync());
        Assert.Equal(3, InUse.Count());
    }

    [Fact]
    public async Task Stop_NoApiServerOfKubeadms_IsRefused()
    {
        await _node.WithSnapshotAsync();
        await _node.PrepareAsync();
        File.Delete(_node.Root.ApiServerManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, () => _node.StopControlPlaneAsync());
    }

    /// <summary>What a rollback wants back lies in the stash under the same name.</summary>
    [Fact]
    public async Task Stop_LeavesTheKeptApiServerAlone()
    {
        File.WriteAllText(_node.Root.StashedApiServerManifest, "kept for the rollback");

        await _node.WithControlPlaneStoppedAsync();
        await _node.StartControlPlaneAsync();

        Assert.Equal("kept for the rollback", File.ReadAllText(_node.Root.StashedApiServerManifest));
    }

    public void Dispose() => _node.Dispose();
}
