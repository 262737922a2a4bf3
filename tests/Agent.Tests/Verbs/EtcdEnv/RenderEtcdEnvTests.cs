using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.Tests.Kube;
using EtcdFleet.Agent.V1;
using Origin = EtcdFleet.Agent.V1.EnvRow.Types.Origin;

namespace EtcdFleet.Agent.Tests.Verbs.EtcdEnv;

public sealed class RenderEtcdEnvTests : IDisposable
{
    private readonly EtcdEnvNode _node = new();

    [Fact]
    public async Task Render_KubeadmsManifest_HasARowForEveryFlagAndTheAddedState()
    {
        var rows = (await _node.RenderAsync()).Rows;

        var flags = new EtcdManifests(_node.Root).Get().Manifest.Flags;
        Assert.Equal(flags.Select(flag => (flag.Key, EtcdFlags.Variable(flag.Key), flag.Value)), rows.Where(row => row.Origin == Origin.Flag).Select(row => (row.Flag, row.Variable, row.Value)));
        var added = Assert.Single(rows, row => row.Origin == Origin.Added);
        Assert.Equal(("ETCD_INITIAL_CLUSTER_STATE", "existing"), (added.Variable, added.Value));
        Assert.NotEmpty(added.Note);
        Assert.Equal(flags.Count + 1, rows.Count);
    }

    [Fact]
    public async Task Render_ChangesNothing()
    {
        var before = Directory.EnumerateFileSystemEntries(_node.Root.Prefix, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Order().ToList();

        await _node.RenderAsync();

        Assert.Equal(before, Directory.EnumerateFileSystemEntries(_node.Root.Prefix, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Order());
    }

    [Theory]
    [InlineData("--initial-cluster-state=existing", Origin.Flag)]
    [InlineData("--initial-cluster-state=new", Origin.Added)]
    public async Task Render_StateInTheManifest_IsOneRowAndExisting(string flag, Origin origin)
    {
        _node.Manifest(KubeadmPods.With(flag));

        var row = Assert.Single((await _node.RenderAsync()).Rows, row => row.Variable == "ETCD_INITIAL_CLUSTER_STATE");

        Assert.Equal((origin, "existing"), (row.Origin, row.Value));
    }

    [Fact]
    public async Task Render_Environment_IsNamedAndItsValuesAreNotSent()
    {
        _node.Manifest(KubeadmPods.WithEnvironment(
            "- {name: GODEBUG, value: a-secret}", "- {name: ETCDCTL_API, value: \"3\"}", "- {name: ETCD_VERSION, value: \"3\"}", "- {name: ETCD_INITIAL_CLUSTER_STATE, value: new}"));

        var rows = (await _node.RenderAsync()).Rows;

        Assert.Equal((Origin.Environment, ""), Assert.Single(rows, row => row.Variable == "GODEBUG") is var debug ? (debug.Origin, debug.Value) : default);
        Assert.Equal(["ETCDCTL_API", "ETCD_VERSION"], rows.Where(row => row.Origin == Origin.Dropped).Select(row => row.Note.Split(':')[0]));
        Assert.Equal("existing", Assert.Single(rows, row => row.Variable == "ETCD_INITIAL_CLUSTER_STATE").Value);
        Assert.DoesNotContain("a-secret", rows.ToString());
    }

    [Fact]
    public async Task Render_SecretFlag_IsCarriedAndNotShown()
    {
        _node.Manifest(KubeadmPods.With("--discovery-password=a-secret"));

        Assert.DoesNotContain("a-secret", (await _node.RenderAsync()).ToString());
        await _node.WriteAsync();
        Assert.Contains(new("ETCD_DISCOVERY_PASSWORD", "a-secret"), _node.Variables);
    }

    [Fact]
    public async Task Render_ProblemInTheManifest_IsRefusedWithAllOfIt()
    {
        _node.Manifest(KubeadmPods.With("--config-file=/a", "--cors="));

        var message = await Faults.MessageAsync(FaultReason.ManifestUnreadable, _node.RenderAsync);

        Assert.Contains("--config-file is", message);
        Assert.Contains("--cors is empty", message);
    }

    [Fact]
    public async Task Render_NoManifest_IsRefused()
    {
        File.Delete(_node.Root.EtcdManifest);

        await Faults.MessageAsync(FaultReason.ManifestMissing, _node.RenderAsync);
    }

    public void Dispose() => _node.Dispose();
}
