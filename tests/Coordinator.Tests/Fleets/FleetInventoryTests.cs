using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets;

public sealed class FleetInventoryTests : IDisposable
{
    private const string FleetYaml = "cluster: kkg\nnodes: [{name: cp1, address: 10.66.0.11}]\netcd: {version: 3.6.6}\n";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("fleet.yaml", FleetYaml, "kkg")]
    [InlineData("anything", FleetYaml, "kkg")]
    [InlineData("fleet.yaml", "# was: ansible_host=10.66.0.11\n# [k8s-cp]\n" + FleetYaml, "kkg")]
    [InlineData("hosts", "[k8s-cp]\ncp1 etcd_version=3.6.6\n", "kubernetes")]
    [InlineData("hosts", "k8s-cp: {hosts: {cp1: {etcd_version: 3.6.6}}}\n", "kubernetes")]
    [InlineData("hosts.json", "{\n\t\"all\": {\"children\": {\"k8s-cp\": {\"hosts\": {\"cp1\": {\"etcd_version\": \"3.6.6\"}}}}}\n}\n", "kubernetes")]
    [InlineData("hosts.yaml", "etcd: {children: {k8s-cp: {hosts: {cp1: {etcd_version: 3.6.6}}}}}\n", "kubernetes")]
    [InlineData("hosts.cfg", "[k8s-cp]\ncp1 etcd_version=3.6.6\n", "kubernetes")]
    public void Read_AFile_IsTakenForWhatIsInIt(string name, string text, string cluster) =>
        Assert.Equal(cluster, FleetInventory.Read(_folder.Write(name, text), name).Cluster);

    [Theory]
    [InlineData("just words\n", "expected a mapping with cluster, nodes, etcd")]
    [InlineData("cluster: kkg\nnodes: [{name: cp1, ansible_host: 10.66.0.11}]\netcd: {version: 3.6.6}\n", "found the unknown key 'ansible_host', expected name, address")]
    [InlineData("all:\n  hosts: {\n", "found no valid YAML")]
    [InlineData("cp1 ansible_host=10.66.0.11\n", "found no control-plane node, expected at least one host in the group k8s-cp")]
    public void Read_AFileThatIsNeitherInFull_IsJudgedAsWhatItIsMost(string text, string expected)
    {
        var error = Assert.Throws<FleetFileException>(() => FleetInventory.Read(_folder.Write("inventory", text), "inventory"));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Read_NoFile_SaysHowToNameIt()
    {
        var error = Assert.Throws<FleetFileException>(() => FleetInventory.Read(_folder.At("fleet.yaml"), "fleet.yaml"));

        Assert.Equal("fleet.yaml: found no such file, expected the inventory; name it with -i: a fleet.yaml, or your Ansible inventory as it is", error.Message);
    }

    public void Dispose() => _folder.Dispose();
}
