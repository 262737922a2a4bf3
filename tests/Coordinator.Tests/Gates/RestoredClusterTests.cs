using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class RestoredClusterTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    public RestoredClusterTests()
    {
        foreach (var node in _bench.Fleet.Nodes)
        {
            (node.Restore.Sha256, node.Restore.InPlace, node.Restore.MemberToken) = (RestoreFleet.Sha256, true, "etcdfleet-token");
        }
    }

    [Fact]
    public async Task Ask_AllAgreeAboveTheRaisedRevision_IsGreenWithTheFigures()
    {
        var answer = await _bench.AskAsync(new RestoredCluster());

        Assert.True(answer.Green, answer.Why);
        Assert.NotEqual("c1", answer.Facts["cluster_id"]);
        Assert.Equal("1000010000", answer.Facts["revision"]);
    }

    [Fact]
    public async Task Ask_TheRevisionWasNotRaised_IsRed()
    {
        _bench.Fleet.Nodes.ToList().ForEach(node => node.Restore.MemberToken = "");

        Assert.Contains("watch caches would go back in time", (await _bench.AskAsync(new RestoredCluster())).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_OneIsDown_IsRed()
    {
        _bench.Fleet["cp3"].Sick = "connection refused";

        Assert.Equal("cp3: connection refused", (await _bench.AskAsync(new RestoredCluster())).Why);
    }

    [Fact]
    public async Task Ask_TheDataDiffer_IsRed()
    {
        _bench.Fleet["cp2"].Corrupt = true;

        Assert.Contains("on cp2", (await _bench.AskAsync(new RestoredCluster())).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_AMemberHasAnotherName_IsRed()
    {
        _bench.Fleet["cp2"].MemberName = "default";

        Assert.Contains("expected one for each node", (await _bench.AskAsync(new RestoredCluster())).Why, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
