using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;

namespace EtcdFleet.Agent.Tests.Verbs.Node;

public sealed class GetNodeTests : IDisposable
{
    private readonly TestNode _node = new();

    [Fact]
    public async Task Get_AgentFacts()
    {
        var agent = (await _node.GetNodeAsync(busy: "run 7: StashManifest")).Agent;

        Assert.Equal(2u, agent.Protocol);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/hostname").Trim(), agent.Hostname);
        Assert.Equal(agent.Hostname, agent.Node);
        Assert.Equal("run 7: StashManifest", agent.BusyWith);
        Assert.Equal(_node.Time.GetUtcNow(), agent.Now.ToDateTimeOffset());
        Assert.Matches("^[0-9a-f]{32}$", agent.MachineId);
        Assert.NotEqual("4d5c0f0e3f0b4a0c9f6a7d1b2c3e4f50", agent.MachineId); // machine-id(5): confidential
        Assert.NotEmpty(agent.Version);
        Assert.Equal("cp1", (await _node.GetNodeAsync(configured: "cp1")).Agent.Node);
    }

    [Fact]
    public async Task Get_StaticPodInUse()
    {
        _node.Traces.Left.Add(PodSign.Process);
        _node.Traces.Left.Add(PodSign.Lock);

        var pod = (await _node.GetNodeAsync()).EtcdPod;

        Assert.Equal(StaticPod.Types.Place.InUse, pod.Place);
        Assert.Equal(("cp1", "3.6.6", "/var/lib/etcd", ""), (pod.Name, pod.EtcdVersion, pod.DataDir, pod.Problem));
        Assert.Equal(19, pod.Flags.Count);
        Assert.Equal("/etc/kubernetes/manifests/etcd.yaml", pod.Manifest.Path);
        Assert.Equal(["the Process is there", "the Lock is there"], pod.Leftovers);
    }

    [Fact]
    public async Task Get_UnitRuns_ItsProcessesAreNoLeftoversOfThePod()
    {
        await _node.WithUnitAsync();
        await _node.StashAsync();
        await _node.StartUnitAsync();
        _node.Traces.Left.Add(PodSign.Process);
        _node.Traces.Left.Add(PodSign.Lock);
        Assert.Empty((await _node.GetNodeAsync()).EtcdPod.Leftovers);

        _node.Traces.Left.Add(PodSign.Container);
        Assert.Equal(["the Container is there"], (await _node.GetNodeAsync()).EtcdPod.Leftovers);
    }

    [Fact]
    public async Task Get_ManifestThatCannotBeRead_SaysWhy()
    {
        File.WriteAllText(_node.Root.EtcdManifest, "not: [a manifest");

        var facts = await _node.GetNodeAsync();

        Assert.Equal(StaticPod.Types.Place.InUse, facts.EtcdPod.Place);
        Assert.NotEmpty(facts.EtcdPod.Problem);
        Assert.Equal("", facts.DataDir.Path);
    }

    [Fact]
    public async Task Get_EnvironmentByNameAlone()
    {
        File.WriteAllText(_node.Root.EtcdManifest, File.ReadAllText(_node.Root.EtcdManifest).Replace(
            "    image: registry", "    env:\n    - name: ETCD_SECRET\n      value: hush\n    image: registry", StringComparison.Ordinal));

        var facts = await _node.GetNodeAsync();

        Assert.Equal(["ETCD_SECRET"], facts.EtcdPod.Environment);
        Assert.DoesNotContain("hush", facts.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_DataDir()
    {
        var data = (await _node.GetNodeAsync()).DataDir;

        Assert.Equal(("/var/lib/etcd", true, true, 10ul, ""), (data.Path, data.Exists, data.HasWal, data.DatabaseSize, data.Problem));
        Assert.Equal("0:0 0755", OwnerAndMode.From(data.Owner).ToString());
        Assert.Equal("0:0 0700", OwnerAndMode.From(data.MemberOwner).ToString());
    }

    [Fact]
    public async Task Get_DataDirWithALink_SaysWhatChownWouldRefuse()
    {
        File.CreateSymbolicLink(_node.Root.At("/var/lib/etcd/member/wal/elsewhere"), "/etc");

        Assert.Contains("/var/lib/etcd/member/wal/elsewhere is a symbolic link", (await _node.GetNodeAsync()).DataDir.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Certificates()
    {
        var facts = await _node.GetNodeAsync();

        Assert.Equal(
            ["/etc/kubernetes/pki/apiserver-etcd-client.crt", "/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/healthcheck-client.crt", "/etc/kubernetes/pki/etcd/peer.crt", "/etc/kubernetes/pki/etcd/server.crt"],
            facts.Certificates.Select(certificate => certificate.Path).Order(StringComparer.Ordinal));
        Assert.All(facts.Certificates, certificate =>
        {
            Assert.Equal((true, "", true), (certificate.Exists, certificate.Problem, certificate.EtcdCanReach));
            Assert.Equal(2046, certificate.NotAfter.ToDateTime().Year);
            Assert.Equal(2026, certificate.NotBefore.ToDateTime().Year);
        });
        Assert.Equal("CN=cp1", facts.Certificates.Single(certificate => certificate.Path.EndsWith("server.crt", StringComparison.Ordinal)).Subject);
        Assert.Equal(4, facts.Keys.Count);
        Assert.All(facts.Keys, key => Assert.Equal((true, "", "0:0 0600"), (key.Exists, key.Problem, OwnerAndMode.From(key.Owner).ToString())));
        Assert.DoesNotContain("PRIVATE", facts.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its key does not fit: /etc/kubernetes/pki/etcd/server.key")]
    [InlineData("its key is missing: /etc/kubernetes/pki/etcd/server.key")]
    public async Task Get_KeyThatDoesNotFitOrIsMissing(string problem)
    {
        File.Delete(_node.Root.At(TempHostRoot.ServerKey));
        if (problem.Contains("fit", StringComparison.Ordinal))
        {
            File.Copy(_node.Root.At(TempHostRoot.PeerKey), _node.Root.At(TempHostRoot.ServerKey));
        }

        var facts = await _node.GetNodeAsync();

        Assert.Equal(problem, Assert.Single(facts.Certificates, certificate => certificate.Problem.Length > 0).Problem);
    }

    [Fact]
    public async Task Get_CertificateMissingOrSpoilt()
    {
        File.Delete(_node.Root.At("/etc/kubernetes/pki/etcd/server.crt"));
        File.WriteAllText(_node.Root.At("/etc/kubernetes/pki/etcd/peer.crt"), "nonsense");
        File.WriteAllText(_node.Root.At(TempHostRoot.PeerKey), "nonsense");

        var facts = await _node.GetNodeAsync();

        Assert.False(facts.Certificates.Single(certificate => certificate.Path.EndsWith("server.crt", StringComparison.Ordinal)).Exists);
        Assert.StartsWith("not a certificate in PEM", facts.Certificates.Single(certificate => certificate.Path.EndsWith("peer.crt", StringComparison.Ordinal)).Problem, StringComparison.Ordinal);
        Assert.Equal("not a private key in PEM", facts.Keys.Single(key => key.Path == TempHostRoot.PeerKey).Problem);
    }

    [Fact]
    public async Task Get_FolderThatLetsEtcdNotThrough_IsTold()
    {
        File.SetUnixFileMode(_node.Root.EtcdPki, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var facts = await _node.GetNodeAsync();
        Assert.False(facts.Certificates.Single(certificate => certificate.Path.EndsWith("server.crt", StringComparison.Ordinal)).EtcdCanReach);
        Assert.True(facts.Certificates.Single(certificate => certificate.Path.EndsWith("apiserver-etcd-client.crt", StringComparison.Ordinal)).EtcdCanReach);

        _node.Ownership.Set(_node.Root.EtcdPki, new OwnerAndMode(0, TempHostRoot.EtcdGroup, 0x1E8)); // 0750, group etcd
        facts = await _node.GetNodeAsync();
        Assert.True(facts.Certificates.Single(certificate => certificate.Path.EndsWith("server.crt", StringComparison.Ordinal)).EtcdCanReach);
    }

    [Fact]
    public async Task Get_UnitAndVolumesAndUser()
    {
        await _node.WithUnitAsync();

        var facts = await _node.GetNodeAsync();

        var unit = Assert.Single(facts.Units);
        Assert.Equal(("etcd.service", true, "enabled", "inactive"), (unit.Name, unit.Installed, unit.Enabled, unit.Active));
        Assert.Equal(["data", "snapshots", "releases"], facts.Volumes.Select(volume => volume.Purpose));
        Assert.Equal((true, true, TempHostRoot.EtcdUser, TempHostRoot.EtcdGroup), (facts.EtcdUser.UserExists, facts.EtcdUser.GroupExists, facts.EtcdUser.Uid, facts.EtcdUser.Gid));
        Assert.Equal(("containerd 1.7.2", ""), (facts.ContainerRuntime.Version, facts.ContainerRuntime.Problem));
    }

    [Fact]
    public async Task Get_NothingAnswers_IsSaidInTheFieldsConcerned()
    {
        _node.Systemd.Broken = true;
        _node.Runtime.Problem = "no socket";
        File.Delete(_node.Root.EtcdManifest);
        File.Delete(_node.Root.Passwd);

        var facts = await _node.GetNodeAsync();

        Assert.Equal("unknown", Assert.Single(facts.Units).Active);
        Assert.Contains("Failed to connect to bus", facts.Units[0].Result, StringComparison.Ordinal);
        Assert.Equal(("", "no socket"), (facts.ContainerRuntime.Version, facts.ContainerRuntime.Problem));
        Assert.Equal(StaticPod.Types.Place.Unspecified, facts.EtcdPod.Place);
        Assert.False(facts.EtcdUser.UserExists);
    }

    public void Dispose() => _node.Dispose();
}
