using System.Security.Cryptography;
using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class ApiServerManifestsTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    [Fact]
    public void Get_HasTheBytesAsTheyAre() // a byte order mark is nothing that may be lost on the way
    {
        byte[] bytes = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(_node.ManifestText)];
        File.WriteAllBytes(_node.Root.ApiServerManifest, bytes);

        var found = _node.Manifests.Get();

        Assert.Equal(bytes, found.Content);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), found.Sha256);
        Assert.Equal(found.Sha256, _node.Manifests.InUse!.Sha256);
    }

    [Fact]
    public void Get_None_IsMissing()
    {
        File.Delete(_node.Root.ApiServerManifest);

        Assert.Equal(FaultReason.ManifestMissing, Assert.Throws<AgentFault>(() => _node.Manifests.Get()).Reason);
        Assert.Null(_node.Manifests.InUse);
        Assert.Null(_node.Manifests.Kept);
    }

    [Fact]
    public void Get_ALink_IsUnsafe()
    {
        File.Move(_node.Root.ApiServerManifest, _node.Root.At("/etc/kubernetes/elsewhere.yaml"));
        File.CreateSymbolicLink(_node.Root.ApiServerManifest, _node.Root.At("/etc/kubernetes/elsewhere.yaml"));

        Assert.Equal(FaultReason.UnsafeFile, Assert.Throws<AgentFault>(() => _node.Manifests.Get()).Reason);
    }

    [Fact]
    public void Get_MoreThanAMegabyte_IsNotEvenRead()
    {
        File.AppendAllText(_node.Root.ApiServerManifest, new string('#', 1024 * 1024));

        Assert.Contains("more than 1048576 bytes", Assert.Throws<AgentFault>(() => _node.Manifests.Get()).Message);
    }

    public void Dispose() => _node.Dispose();
}
