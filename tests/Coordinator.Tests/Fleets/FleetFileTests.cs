using EtcdFleet.Coordinator.Fleets;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets;

public sealed class FleetFileTests
{
    private const string Smallest = """
        cluster: kkg
        nodes:
          - {name: cp1, address: 10.66.0.11, leader: true}
          - {name: cp2, address: 10.66.0.12}
          - {name: cp3, address: 10.66.0.13}
        etcd: {version: 3.6.6}          # every setting has its key here
        """;

    [Fact]
    public void Parse_TheSmallestThatWorks_HasTheDefaults()
    {
        var fleet = FleetFile.Parse(Smallest, "fleet.yaml");

        Assert.Equal("kkg", fleet.Cluster);
        Assert.Equal(["cp1", "cp2", "cp3"], fleet.ControlPlane.Select(node => node.Name));
        Assert.Equal("cp1", fleet.Leader.Name);
        Assert.Equal(new FleetNode { Name = "cp2", Address = "10.66.0.12", AgentPort = 7379, Role = NodeRole.ControlPlane }, fleet.Nodes[1]);
        Assert.Equal("3.6.6", fleet.Etcd.Version);
        Assert.Equal("/var/lib/etcd", fleet.Etcd.DataDir);
        Assert.Empty(fleet.Etcd.Sha256);
        Assert.True(fleet.Etcd.MaintenanceEnabled);
    }

    [Fact]
    public void Parse_EveryKey_IsRead()
    {
        var digest = new string('A', 64);
        var fleet = FleetFile.Parse($$"""
            cluster: kkg
            nodes:
              - {name: cp1, address: "fd00::11", leader: true, role: control-plane, agent_port: 17379}
              - {name: w1, address: w1.example, role: worker}
            etcd:
              version: 3.5.16
              download_url: http://mirror.example/v${version}/etcd-${arch}.tar.gz
              sha256: {amd64: {{digest}}, arm64: {{digest}}}
              data_dir: /data/etcd
              conf_dir: /etc/etcd
              pki_dir: /etc/kubernetes/pki/etcd
              client_cert: /etc/kubernetes/pki/apiserver-etcd-client.crt
              client_key: /etc/kubernetes/pki/apiserver-etcd-client.key
              mode: stacked
              cluster_state_mode: existing
              upgrade_strategy: serial
              maintenance_enabled: false
              snapshot_dir: /var/backups/etcd
              initial_cluster_token: etcd-cluster-1
            kubernetes:
              version: 1.35.6
              kubeadm_patches_dir: /etc/kubernetes/patches
              kubeadm_ignore_preflight_errors: [CoreDNSUnsupportedPlugins, "SystemVerification"]
            """, "fleet.yaml");

        Assert.Equal(17379, fleet.Nodes[0].AgentPort);
        Assert.Equal("fd00::11", fleet.Nodes[0].Address);
        Assert.Equal(NodeRole.Worker, fleet.Nodes[1].Role);
        Assert.Equal(["cp1"], fleet.ControlPlane.Select(node => node.Name));
        Assert.Equal("http://mirror.example/v${version}/etcd-${arch}.tar.gz", fleet.Etcd.DownloadUrl);
        Assert.Equal(new string('a', 64), fleet.Etcd.Sha256["arm64"]);
        Assert.Equal("/data/etcd", fleet.Etcd.DataDir);
        Assert.False(fleet.Etcd.MaintenanceEnabled);
        Assert.Equal("1.35.6", fleet.Kubernetes.Version);
        Assert.Equal("/etc/kubernetes/patches", fleet.Kubernetes.KubeadmPatchesDir);
        Assert.Equal(["CoreDNSUnsupportedPlugins", "SystemVerification"], fleet.Kubernetes.KubeadmIgnorePreflightErrors);
    }

    [Fact]
    public void Parse_OneDigestForAll_StandsForEveryArchitecture()
    {
        var fleet = FleetFile.Parse(Smallest.Replace("3.6.6}", $"3.6.6, sha256: {new string('0', 64)}}}"), "fleet.yaml");

        Assert.Equal(["amd64", "arm64"], fleet.Etcd.Sha256.Keys.Order());
        Assert.All(fleet.Etcd.Sha256.Values, digest => Assert.Equal(new string('0', 64), digest));
    }

    [Fact]
    public void Parse_OneControlPlaneNodeWithoutLeader_ItLeads()
    {
        var fleet = FleetFile.Parse("cluster: one\nnodes: [{name: cp1, address: 10.0.0.1}, {name: w1, address: 10.0.0.2, role: worker}]\netcd: {version: 3.6.6}\n", "fleet.yaml");

        Assert.Equal("cp1", fleet.Leader.Name);
    }

    [Fact]
    public void Parse_ManyErrors_AllAtOnceInTheFilesOrder()
    {
        var errors = Errors("""
            clutser: kkg
            nodes:
              - {name: cp1, address: 10.66.0.300, leader: yes}
              - {name: cp1, adress: 10.66.0.12, agent_port: many}
              - cp3
            etcd:
              version: v3.6
              version: 3.6.6
              etcd_data_dir: /var/lib/etcd
              snapshot_dir: /backups
            """);

        Assert.Equal(
        [
            "fleet.yaml:1:1: found the unknown key 'clutser', expected cluster, nodes, etcd or kubernetes; did you mean 'cluster'?",
            "fleet.yaml:1:1: found no 'cluster', expected it in the file",
            "fleet.yaml:3:26: found '10.66.0.300', expected an IP address with four parts of 0 to 255",
            "fleet.yaml:3:47: found 'yes', expected true or false",
            "fleet.yaml:4:5: found no 'address', expected it in 'nodes[1]'",
            "fleet.yaml:4:12: found 'cp1' a second time, expected every node once (first as node 1)",
            "fleet.yaml:4:17: found the unknown key 'adress', expected name, address, leader, role or agent_port; did you mean 'address'?",
            "fleet.yaml:4:49: found 'many', expected a port, 1 to 65535",
            "fleet.yaml:5:5: found 'cp3', expected a mapping with name, address",
            "fleet.yaml:7:12: found 'v3.6', expected a version in full and without the 'v', as in 3.6.6",
            "fleet.yaml:8:3: found the key 'version' a second time, expected it once (first on line 7)",
            "fleet.yaml:9:3: found the unknown key 'etcd_data_dir', expected version, download_url, sha256, data_dir, conf_dir, pki_dir, client_cert, client_key, mode, cluster_state_mode, upgrade_strategy, maintenance_enabled, snapshot_dir or initial_cluster_token; did you mean 'data_dir'?",
            "fleet.yaml:10:17: found '/backups', expected '/var/backups/etcd': the only value that works today; leave 'snapshot_dir' out",
        ],
        errors);
    }

    [Theory]
    [InlineData("cluster: kkg", "cluster: [kkg]", "fleet.yaml:1:10: found a list, expected the cluster's name")]
    [InlineData("cluster: kkg", "cluster:", "fleet.yaml:1:9: found an empty value, expected the cluster's name")]
    [InlineData("cluster: kkg", "cluster: kk/g", "fleet.yaml:1:10: found 'kk/g', expected letters, digits, '-', '_' and '.', beginning with a letter or digit")]
    [InlineData("leader: true", "leader: false", "fleet.yaml:3:3: found 3 control-plane nodes and no leader, expected 'leader: true' on one of them")]
    [InlineData("10.66.0.12}", "10.66.0.12, leader: true}", "fleet.yaml:3:3: found 2 leaders (cp1, cp2), expected one")]
    [InlineData("10.66.0.12}", "10.66.0.11}", "fleet.yaml:4:26: found '10.66.0.11' a second time, expected an address for each node (first for 'cp1')")]
    [InlineData("10.66.0.12}", "'10.66.0.12:7379'}", "fleet.yaml:4:26: found '10.66.0.12:7379', expected it without a port; the agent's port has the key agent_port")]
    [InlineData("10.66.0.12}", "10.66.0.12, role: wroker}", "fleet.yaml:4:44: found 'wroker', expected control-plane or worker; did you mean 'worker'?")]
    [InlineData("10.66.0.12}", "10.66.0.12, agent_port: 70000}", "fleet.yaml:4:50: found 70000, expected a port, 1 to 65535")]
    [InlineData("leader: true", "leader: true, role: worker", "fleet.yaml:3:46: found the worker 'cp1' as leader, expected a control-plane node")]
    [InlineData("name: cp2", "name: fleet", "fleet.yaml:4:12: found 'fleet', expected another name: plans use it for what concerns all nodes")]
    [InlineData("{version: 3.6.6}", "{version: 3.6.6, sha256: abc}", "fleet.yaml:6:32: found 3 characters, expected a SHA-256: 64 hexadecimal digits")]
    [InlineData("{version: 3.6.6}", "{version: 3.6.6, sha256: {amd46: abc}}", "fleet.yaml:6:33: found the unknown key 'amd46', expected amd64 or arm64; did you mean 'amd64'?")]
    [InlineData("{version: 3.6.6}", "{version: 3.6.6, data_dir: var/lib/etcd}", "fleet.yaml:6:34: found 'var/lib/etcd', expected an absolute path outside /etc, without '..'")]
    [InlineData("{version: 3.6.6}", "{version: 3.6.6, download_url: 'http://m/${version}'}", "fleet.yaml:6:38: found http without etcd.sha256, expected https or the tarball's SHA-256: a SHA256SUMS that came over http proves nothing")]
    [InlineData("{version: 3.6.6}", "{version: 3.6.6, download_url: 'https://m/etcd.tar.gz'}", "fleet.yaml:6:38: found 'https://m/etcd.tar.gz', expected ${version} in it: the version has one place (D13)")]
    [InlineData("{version: 3.6.6}", "3.6.6", "fleet.yaml:6:7: found '3.6.6', expected a mapping with version")]
    [InlineData("{version: 3.6.6}", "*other", "fleet.yaml:6:7: found the alias *other, expected the value itself: anchors and aliases are not read here")]
    public void Parse_OneError_IsSaidWithItsPlace(string right, string wrong, string expected) =>
        Assert.Contains(expected, Errors(Smallest.Replace(right, wrong)));

    [Fact]
    public void Parse_AnErrorInTheLeader_IsNotFollowedByAMissingLeader() =>
        Assert.Equal(["fleet.yaml:3:46: found 'yes', expected true or false"], Errors(Smallest.Replace("leader: true", "leader: yes")));

    [Theory]
    [InlineData("cluster: [", "found no valid YAML")]
    [InlineData("cluster: kkg: 1", "found no valid YAML")]
    [InlineData("", "found an empty file")]
    [InlineData("# nothing\n", "found an empty file")]
    [InlineData("just words", "expected a mapping with cluster, nodes, etcd")]
    public void Parse_NoFleetAtAll_IsRefusedWithAPlace(string text, string expected)
    {
        var error = Assert.Single(Errors(text));

        Assert.Matches("^fleet.yaml:[0-9]+:[0-9]+: ", error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void Parse_ASecondDocument_IsRefused() =>
        Assert.Contains(Errors(Smallest + "\n---\ncluster: other\n"), error => error.Contains("second YAML document", StringComparison.Ordinal));

    [Fact]
    public void Parse_DeeplyNested_IsRefusedAndDoesNotOverflow() =>
        Assert.Contains(Errors(new string('[', 5000)), error => error.Contains("nested deeper", StringComparison.Ordinal));

    private static IReadOnlyList<string> Errors(string text) => Assert.Throws<FleetFileException>(() => FleetFile.Parse(text, "fleet.yaml")).Errors;
}
