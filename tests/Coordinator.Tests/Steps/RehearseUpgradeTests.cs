using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class RehearseUpgradeTests : IDisposable
{
    private readonly StepBench _bench = new();

    private RehearseUpgrade Step => new(_bench["cp1"]);

    [Fact]
    public async Task Apply_BothEndWell_SaysSo() =>
        Assert.Equal("upgrade plan and upgrade apply v1.35.6 --dry-run end well", (await _bench.ApplyAsync(Step)).Summary);

    /// <summary>FACTS 20: what has nothing to do with etcd is said, and is no reason to fail.</summary>
    [Fact]
    public async Task Apply_SomethingElseIsWrong_IsSaidAndPasses()
    {
        _bench.Fleet.Upgrade = () => new() { Version = "v1.35.6", PlanOk = true, OtherFindings = { "[ERROR CoreDNSMigration]: no" } };

        Assert.Contains("[ERROR CoreDNSMigration]: no", (await _bench.ApplyAsync(Step)).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_EtcdIsWrong_Fails()
    {
        _bench.Fleet.Upgrade = () => new() { EtcdFindings = { "[ERROR ExternalEtcdVersion]: no" } };

        var failed = await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step));
        Assert.Contains("because of etcd: [ERROR ExternalEtcdVersion]: no; expected", failed.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
