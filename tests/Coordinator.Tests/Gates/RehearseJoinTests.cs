using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class RehearseJoinTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Ask_EverythingIsThere_SaysWhat()
    {
        var answer = await _bench.AskAsync(new RehearseJoin(_bench["cp1"]));

        Assert.Equal((true, "token: the dry run ends well"), (answer.Green, answer.Why));
    }

    [Fact]
    public async Task Ask_SomethingIsMissing_IsRedAndNamesIt()
    {
        _bench.Fleet.Join = () => new() { Findings = { new JoinFinding { Name = "token", Ok = true }, new JoinFinding { Name = "certificates", Detail = "sa.key is missing" } } };

        var answer = await _bench.AskAsync(new RehearseJoin(_bench["cp1"]));

        Assert.False(answer.Green);
        Assert.StartsWith("'kubeadm join --control-plane' would fail: certificates: sa.key is missing; expected", answer.Why, StringComparison.Ordinal);
    }

    /// <summary>A member is coming up again just now.</summary>
    [Fact]
    public async Task Apply_ItIsRedForAWhile_WaitsUntilItIsGreen()
    {
        var (answers, asked) = (_bench.Fleet.Join, 0);
        _bench.Fleet.Join = () => ++asked < 5 ? new() { Findings = { new JoinFinding { Name = "version", Detail = "connection refused" } } } : answers();

        await _bench.ApplyAsync(new RehearseJoin(_bench["cp1"]));

        Assert.Equal(5, asked);
    }

    public void Dispose() => _bench.Dispose();
}
