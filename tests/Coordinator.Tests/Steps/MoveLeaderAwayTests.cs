using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class MoveLeaderAwayTests : IDisposable
{
    private readonly StepBench _bench = new();

    private MoveLeaderAway Step => new(_bench["cp1"], [_bench["cp3"], _bench["cp2"]]);

    [Fact]
    public async Task Look_AnotherMemberLeads_IsAlreadyDone()
    {
        _bench.Fleet.Leader = _bench.Fleet["cp2"].MemberId;

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(Step));
    }

    [Fact]
    public async Task Apply_ItLeads_MovesToTheBestPreferredMember()
    {
        Assert.IsType<Look.Needed>(await _bench.LookAsync(Step));

        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "a1", "a3"), (receipt.Changed, receipt.Facts["from"], receipt.Facts["to"]));
    }

    [Fact]
    public async Task Apply_ThePreferredMemberIsDown_MovesToTheNext()
    {
        _bench.Fleet["cp3"].Sick = "no answer";

        Assert.Equal("a2", (await _bench.ApplyAsync(Step)).Facts["to"]);
    }

    [Fact]
    public async Task Look_ItsMemberDoesNotAnswer_IsAlreadyDone()
    {
        _bench.Fleet["cp1"].Sick = "connection refused";

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(Step));
    }

    [Fact]
    public async Task Look_TheOnlyMember_IsAlreadyDone()
    {
        using var alone = new StepBench(nodes: 1);

        var look = Assert.IsType<Look.AlreadyDone>(await alone.LookAsync(new MoveLeaderAway(alone["cp1"], [])));
        Assert.Equal("there is no other member to lead", look.Receipt.Summary);
    }

    [Fact]
    public void ItIsNoChangeThatIsUndone() => Assert.Equal((true, false), (Step.Prepares, Step.Undo.Exists));

    public void Dispose() => _bench.Dispose();
}
