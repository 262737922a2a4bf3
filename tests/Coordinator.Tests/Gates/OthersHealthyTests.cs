using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class OthersHealthyTests : IDisposable
{
    private readonly StepBench _bench = new();

    private OthersHealthy Gate => new(_bench["cp1"]);

    [Fact]
    public async Task Ask_TheOthersAreUp_IsGreenWhateverItsOwnMemberIs()
    {
        _bench.Fleet["cp1"].Sick = "connection refused";

        Assert.True((await _bench.AskAsync(Gate)).Green);
    }

    [Fact]
    public async Task Ask_AnotherIsDown_IsRed()
    {
        _bench.Fleet["cp3"].Sick = "connection refused";

        Assert.Equal("cp3: connection refused", (await _bench.AskAsync(Gate)).Why);
    }

    [Fact]
    public async Task Ask_AnothersAgentIsSilent_IsRed()
    {
        _bench.Fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;

        Assert.StartsWith("cp3: ", (await _bench.AskAsync(Gate)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TheOnlyMember_IsGreen()
    {
        using var alone = new StepBench(nodes: 1);

        Assert.True((await alone.AskAsync(new OthersHealthy(alone["cp1"]))).Green);
    }

    public void Dispose() => _bench.Dispose();
}
