using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class CheckRestoreTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    [Fact]
    public async Task Look_EverythingIsWell_IsDoneAlready()
    {
        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckRestore(RestoreFleet.Snapshot.Facts)));
        Assert.NotEmpty(_bench.Findings);
    }

    [Fact]
    public async Task Look_MembersAreDown_IsNoMatter()
    {
        _bench.Fleet["cp2"].DataLost = _bench.Fleet["cp3"].DataLost = true;

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckRestore(RestoreFleet.Snapshot.Facts)));
    }

    [Theory]
    [InlineData("the agent is away", "cp2: ")]
    [InlineData("etcd is in its Pod", "expected etcd under systemd")]
    [InlineData("another restore is half-way", "restoring another snapshot")]
    [InlineData("no etcdutl", "expected both of one release")]
    [InlineData("a newer snapshot", "etcd does not go back")]
    [InlineData("another cluster", "expected this one's")]
    public async Task Look_SomethingIsAmiss_IsRefused(string what, string said)
    {
        var (node, facts) = (_bench.Fleet["cp2"], RestoreFleet.Snapshot.Facts.Clone());
        switch (what)
        {
            case "the agent is away":
                node.AwayUntil = DateTimeOffset.MaxValue;
                break;
            case "etcd is in its Pod":
                (node.Place, node.UnitActive) = (EtcdFleet.Agent.V1.StaticPod.Types.Place.InUse, "inactive");
                break;
            case "another restore is half-way":
                (node.Restore.Sha256, node.Restore.Begun) = (new string('a', 64), true);
                break;
            case "no etcdutl":
                node.Facts = told => told.Release.Etcdutl = "";
                break;
            case "a newer snapshot":
                facts.EtcdVersion = "3.7.0";
                break;
            default:
                facts.ClusterId = 0xC2;
                break;
        }

        var refused = Assert.IsType<Look.Refused>(await _bench.LookAsync(new CheckRestore(facts)));
        Assert.Contains(refused.Reasons, reason => reason.Contains(said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kkg", true)]
    [InlineData("another", false)]
    public async Task Look_AnotherClustersSnapshot_NeedsThisClustersName(string typed, bool accepted)
    {
        using var bench = new StepBench(fleet: RestoreFleet.Of()) { Options = new() { AcceptOtherCluster = typed } };
        var facts = RestoreFleet.Snapshot.Facts.Clone();
        facts.ClusterId = 0xC2;

        Assert.Equal(accepted, await bench.LookAsync(new CheckRestore(facts)) is Look.AlreadyDone);
    }

    public void Dispose() => _bench.Dispose();
}
