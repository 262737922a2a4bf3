using EtcdFleet.Coordinator.Fleets;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Fleets;

public sealed class FleetValidatorTests
{
    [Fact]
    public void Problems_OfASoundFleet_AreNone() => Assert.Empty(Problems(Fleet("cp1", "cp2", "cp3")));

    [Fact]
    public void Problems_WorkersOnly_WantAControlPlane()
    {
        var fleet = Fleet("w1") with { Nodes = [new FleetNode { Name = "w1", Address = "10.0.0.1", Role = NodeRole.Worker }] };

        Assert.Equal([new FleetProblem("nodes", "found no control-plane node, expected at least one")], Problems(fleet));
    }

    [Fact]
    public void Problems_NamesThatDifferInCaseOnly_AreTheSame()
    {
        var problem = Assert.Single(Problems(Fleet("cp1", "CP1")));

        Assert.Equal("nodes[1].name", problem.Path);
    }

    [Fact]
    public void Problems_OneAddressInTwoSpellings_IsTheSame()
    {
        var fleet = Fleet("cp1", "cp2");
        var problem = Assert.Single(Problems(fleet with { Nodes = [fleet.Nodes[0] with { Address = "fd00::1" }, fleet.Nodes[1] with { Address = "fd00:0::1" }] }));

        Assert.Equal("nodes[1].address", problem.Path);
    }

    [Theory]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("[fd00::1]")]
    [InlineData("node_1:x")]
    [InlineData("a b")]
    public void Problems_AnAddressThatNobodyCanReach_IsNamed(string address)
    {
        var fleet = Fleet("cp1");

        Assert.Equal("nodes[0].address", Assert.Single(Problems(fleet with { Nodes = [fleet.Nodes[0] with { Address = address }] })).Path);
    }

    [Theory]
    [InlineData("3.6")]
    [InlineData("3.6.6-rc.1")]
    [InlineData("03.6.6")]
    [InlineData("latest")]
    [InlineData("3.6.6\n")]
    public void Problems_AVersionThatIsNotInFull_IsNamed(string version)
    {
        var fleet = Fleet("cp1");

        Assert.Equal("etcd.version", Assert.Single(Problems(fleet with { Etcd = fleet.Etcd with { Version = version } })).Path);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc/kubernetes/etcd")]
    [InlineData("/var/lib/../etcd")]
    [InlineData("relative")]
    public void Problems_ADataDirInAPlaceForOthers_IsNamed(string folder)
    {
        var fleet = Fleet("cp1");

        Assert.Equal("etcd.data_dir", Assert.Single(Problems(fleet with { Etcd = fleet.Etcd with { DataDir = folder } })).Path);
    }

    private static IEnumerable<FleetProblem> Problems(Fleet fleet) => FleetValidator.Problems(fleet, FleetNames.OfFleetFile);

    private static Fleet Fleet(params string[] names) => new()
    {
        Cluster = "kkg",
        Nodes = [.. names.Select((name, index) => new FleetNode { Name = name, Address = $"10.0.0.{index + 1}", IsLeader = index == 0 })],
        Etcd = new EtcdSettings { Version = "3.6.6" },
    };
}
