using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class RehearseJoinTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Apply_EverythingIsThere_SaysWhat() =>
        Assert.Equal((false, "token: the dry run ends well"), await SummaryAsync());

    [Fact]
    public async Task Apply_SomethingIsMissing_FailsAndNamesIt()
    {
        _bench.Fleet.Join = () => new() { Findings = { new JoinFinding { Name = "token", Ok = true }, new JoinFinding { Name = "certificates", Detail = "sa.key is missing" } } };

        var failed = await Assert.ThrowsAsync<StepFault>(SummaryAsync);
        Assert.StartsWith("'kubeadm join --control-plane' would fail: certificates: sa.key is missing; expected", failed.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private async Task<(bool Changed, string Summary)> SummaryAsync()
    {
        var receipt = await _bench.ApplyAsync(new RehearseJoin(_bench["cp1"]));
        return (receipt.Changed, receipt.Summary);
    }
}
