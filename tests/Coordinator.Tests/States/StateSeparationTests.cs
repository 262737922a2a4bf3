using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.States;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

/// <summary>The fleet's own etcd is not taken for its state, however it is named.</summary>
public sealed class StateSeparationTests
{
    [Theory]
    [InlineData("etcd://10.66.0.11:2379")]
    [InlineData("etcd://elsewhere.invalid:2379,10.66.0.13:2379/p")]
    [InlineData("etcd+insecure://10.66.0.12:2379")]
    [InlineData("etcd://[::ffff:10.66.0.11]:2379")]
    public async Task Addresses_OneOfTheFleets_IsRefusedBeforeAnythingIsSent(string url)
    {
        var refused = await Assert.ThrowsAsync<CommandFault>(() => EnsureAsync(Inventory.Of(3), url));

        Assert.Equal(ExitCode.Refused, refused.Exit);
        Assert.Contains(":2379 behind --state etcd", refused.Message, StringComparison.Ordinal);
        Assert.Contains("which is of cluster kkg's own etcd; expected another etcd", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("LOCALHOST", "localhost")]
    public async Task Addresses_TheFleetsByAnotherName_IsRefused(string named, string inventory) =>
        await Assert.ThrowsAsync<CommandFault>(() => EnsureAsync(At(inventory), $"etcd://{named}:2379"));

    [Theory]
    [InlineData("etcd://10.66.0.14:2379")]
    [InlineData("etcd://10.66.0.11:12379")] // another etcd on the same machine is another etcd
    [InlineData("etcd://nowhere.invalid:2379")]
    public Task Addresses_Others_AreGood(string url) => EnsureAsync(Inventory.Of(3), url);

    /// <summary>Behind a proxy's address: its members say where they are.</summary>
    [Fact]
    public async Task Cluster_AMemberIsAtOneOfTheFleetsEndpoints_IsRefused()
    {
        await using var server = await StateServer.StartAsync(Cancel, "https://10.66.0.12:2379");
        using var etcd = server.Open();

        var refused = await Assert.ThrowsAsync<CommandFault>(() => StateSeparation.EnsureClusterAsync(Inventory.Of(3), null, etcd, TimeProvider.System, Cancel));

        Assert.Contains("found the member state at https://10.66.0.12:2379 behind --state", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What no address can hide: the agents know their etcd's cluster id.</summary>
    [Fact]
    public async Task Cluster_TheSameIdAsTheAgentsEtcd_IsRefused()
    {
        await using var server = await StateServer.StartAsync(Cancel);
        using var etcd = server.Open();
        var fleet = new FakeFleet(Inventory.Of(3));
        await StateSeparation.EnsureClusterAsync(fleet.Inventory, fleet, etcd, fleet.Time, Cancel);

        fleet.ClusterId = (await etcd.MembersAsync(Cancel)).Header.ClusterId;
        fleet["cp1"].AwayUntil = fleet.Now + TimeSpan.FromMinutes(1);
        var refused = await Assert.ThrowsAsync<CommandFault>(() => StateSeparation.EnsureClusterAsync(fleet.Inventory, fleet, etcd, fleet.Time, Cancel));

        Assert.Contains($"found the cluster id {fleet.ClusterId:x} behind --state {etcd.Address}", refused.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Fleet At(string address) => Inventory.Of(1) with { Nodes = [new() { Name = "cp1", Address = address, IsLeader = true }] };

    private static Task EnsureAsync(Fleet fleet, string url) => StateSeparation.EnsureAddressesAsync(fleet, StateAddress.Parse(url), Cancel);
}
