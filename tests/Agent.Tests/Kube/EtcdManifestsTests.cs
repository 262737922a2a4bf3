using System.Security.Cryptography;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Kube;

public sealed class EtcdManifestsTests : IDisposable
{
    private readonly TempHostRoot _host = new();

    private EtcdManifests Node => new(_host.Root);

    [Fact]
    public void Find_InUse_GivesItWithItsDigest()
    {
        var found = Node.Get();

        Assert.Equal(StaticPod.Types.Place.InUse, found.Place);
        Assert.Equal(_host.Root.EtcdManifest, found.Path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(found.Path))), found.Sha256);
        Assert.Equal("", found.Manifest.Problem);
    }

    [Fact]
    public void Find_Stashed_GivesTheStashedOne()
    {
        _host.Stash();

        Assert.Equal(StaticPod.Types.Place.Stashed, Node.Get().Place);
        Assert.Equal("cp1", Node.Get().Manifest.Name);
    }

    [Fact]
    public void Find_Both_GivesTheOneInUse()
    {
        _host.Folder("/etc/kubernetes/etcdfleet-stash");
        _host.Write("/etc/kubernetes/etcdfleet-stash/etcd.yaml", "not even YAML: [");

        Assert.Equal(StaticPod.Types.Place.Both, Node.Get().Place);
        Assert.Equal(_host.Root.EtcdManifest, Node.Get().Path);
    }

    [Fact]
    public void Find_Neither_IsNullAndGetRefuses()
    {
        File.Delete(_host.Root.EtcdManifest);

        Assert.Null(Node.Find());
        Assert.Equal(FaultReason.ManifestMissing, Assert.Throws<AgentFault>(() => Node.Get()).Reason);
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/etc/passwd")]
    public void Find_Link_IsRefused(string target)
    {
        File.Delete(_host.Root.EtcdManifest);
        File.CreateSymbolicLink(_host.Root.EtcdManifest, target);

        Assert.Equal(StaticPod.Types.Place.InUse, Node.Place());
        Assert.Equal(FaultReason.UnsafeFile, Assert.Throws<AgentFault>(() => Node.Get()).Reason);
    }

    [Fact]
    public void Find_TooLong_IsUnreadableWithoutBeingRead()
    {
        using (var file = File.OpenWrite(_host.Root.EtcdManifest))
        {
            file.SetLength(1L << 40);
        }

        Assert.Equal(FaultReason.ManifestUnreadable, Assert.Throws<AgentFault>(() => Node.Get()).Reason);
    }

    [Fact]
    public void Find_ASecondPodOfEtcdInTheFolder_IsAProblem()
    {
        // FACTS 2: the kubelet reads every file whose name has no dot in front, whatever its ending.
        File.Copy(_host.Root.EtcdManifest, Path.Combine(_host.Root.Manifests, "etcd.yaml.bak"));

        Assert.Contains("/etc/kubernetes/manifests/etcd.yaml.bak is a Pod of etcd as well", Node.Get().Manifest.Problem);
    }

    [Fact]
    public void Find_OtherFilesInTheFolder_AreNone()
    {
        File.Copy(_host.Root.EtcdManifest, Path.Combine(_host.Root.Manifests, ".etcd.yaml.swp"));
        _host.Write("/etc/kubernetes/manifests/kube-apiserver.yaml", "kind: Pod\nspec: {containers: [{name: kube-apiserver, command: [kube-apiserver, --etcd-servers=https://127.0.0.1:2379]}]}\n");
        _host.Write("/etc/kubernetes/manifests/README", "nothing of note");
        _host.Folder("/etc/kubernetes/manifests/old");

        Assert.Equal("", Node.Get().Manifest.Problem);
    }

    public void Dispose() => _host.Dispose();
}
