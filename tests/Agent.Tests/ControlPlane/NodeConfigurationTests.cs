using EtcdFleet.Agent.ControlPlane;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class NodeConfigurationTests : IDisposable
{
    private readonly ControlPlaneNode _node = new();

    private ClusterConfiguration Configuration => ClusterConfiguration.Parse(_node.Api.Configuration!);

    [Fact]
    public void With_SaysWhatIsInUseToday()
    {
        _node.Host.Folder("/var/lib/kubelet");
        _node.Host.Write("/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/crio/crio.sock\"\n");
        _node.Host.Write(ControlPlaneNode.Manifest, _node.ManifestText.Replace("--secure-port=6443", "--secure-port=7443").Replace("failureThreshold: 24", "failureThreshold: 40"));

        Assert.Equal($"""
            apiVersion: kubeadm.k8s.io/v1beta4
            kind: InitConfiguration
            localAPIEndpoint:
              advertiseAddress: "10.66.0.11"
              bindPort: 7443
            nodeRegistration:
              name: "cp1"
              criSocket: "unix:///run/crio/crio.sock"
            timeouts:
              controlPlaneComponentHealthCheck: 400s
            ---
            {_node.Api.Configuration}
            """, With(""));
    }

    [Fact]
    public void With_AnOlderVersion_HasItsFieldsAlone() // v1beta3 has the time limit in the ClusterConfiguration
    {
        _node.Kubeadm.Version = "v1.30.14";
        _node.Cluster(Golden.Read("1.30-v1beta3.yaml"));

        Assert.StartsWith("apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\n", With(""));
        Assert.DoesNotContain("timeouts", With(""));
    }

    [Fact]
    public void With_NoNameConfigured_TakesTheWholeNameOfTheHost_InSmallLetters() // as kubeadm and the kubelet do
    {
        Directory.CreateDirectory(Path.Combine(_node.Root.Proc, "sys/kernel"));
        File.WriteAllText(Path.Combine(_node.Root.Proc, "sys/kernel/hostname"), "CP1.example.org\n");

        Assert.Contains("name: \"cp1.example.org\"", new NodeConfiguration(_node.Root, new("")).With(Configuration, _node.Manifests.Get().Manifest, ""));
    }

    [Fact]
    public void With_Patches_NamesTheFolder()
    {
        Patch("resources.yaml");

        Assert.Contains($"patches:\n  directory: \"{_node.Root.At("/etc/kubernetes/patches")}\"\n---\n", With("patches"));
    }

    [Fact]
    public void With_PatchesInFoldersBelow_AreAllowed() // kubeadm walks into them
    {
        Patch("resources.yaml");
        _node.Host.Folder("/etc/kubernetes/patches/more");
        Patch("more/b.json");

        Assert.Contains("patches:\n", With("patches"));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../patches")]
    [InlineData("a/b")]
    [InlineData("/etc/kubernetes/patches")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\"b")]
    [InlineData("nowhere")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void With_PatchesThatAreNoSuchName_IsInvalid(string name) => Refused(FaultReason.InvalidRequest, name);

    [Fact]
    public void With_PatchesThatAreALink_IsUnsafe()
    {
        Patch("resources.yaml");
        File.CreateSymbolicLink(_node.Root.At("/etc/kubernetes/linked"), _node.Root.At("/etc/kubernetes/patches"));

        Refused(FaultReason.UnsafeFile, "linked");
    }

    [Fact]
    public void With_PatchesThatAreAFile_IsUnsafe() => Refused(FaultReason.UnsafeFile, "admin.conf");

    [Theory]
    [InlineData("", UnixFileMode.GroupWrite)]
    [InlineData("", UnixFileMode.OtherWrite)]
    [InlineData("/resources.yaml", UnixFileMode.GroupWrite)]
    [InlineData("/resources.yaml", UnixFileMode.OtherWrite)]
    public void With_PatchesThatOthersCanChange_IsUnsafe(string what, UnixFileMode mode)
    {
        Patch("resources.yaml");
        var path = _node.Root.At($"/etc/kubernetes/patches{what}");
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | mode);

        Assert.Contains($"/etc/kubernetes/patches{what} is not", Refused(FaultReason.UnsafeFile, "patches"));
    }

    [Theory]
    [InlineData("/etc/kubernetes/patches")]
    [InlineData("/etc/kubernetes/patches/resources.yaml")]
    public void With_PatchesOfAnotherOwner_IsUnsafe(string what)
    {
        Patch("resources.yaml");
        new Agent.Host.Ownership(_node.Root).Set(_node.Root.At(what), new(TempHostRoot.EtcdUser, 0, 0b111_101_101));

        Refused(FaultReason.UnsafeFile, "patches");
    }

    [Fact]
    public void With_APatchThatIsALink_IsUnsafe()
    {
        Patch("resources.yaml");
        File.CreateSymbolicLink(_node.Root.At("/etc/kubernetes/patches/link.yaml"), _node.Root.At("/etc/kubernetes/patches/resources.yaml"));

        Refused(FaultReason.UnsafeFile, "patches");
    }

    public void Dispose() => _node.Dispose();

    private string With(string patches) => _node.Node.With(Configuration, _node.Manifests.Get().Manifest, patches);

    private void Patch(string name)
    {
        _node.Host.Folder("/etc/kubernetes/patches");
        _node.Host.Write($"/etc/kubernetes/patches/{name}", "a: b\n");
    }

    private string Refused(FaultReason reason, string patches)
    {
        var fault = Assert.Throws<AgentFault>(() => With(patches));
        Assert.Equal(reason, fault.Reason);
        return fault.Message;
    }
}
