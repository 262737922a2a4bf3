using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class InstallUnitTests : IDisposable
{
    private readonly StepBench _bench = new();

    private InstallUnit Step => new(_bench["cp1"]);

    [Fact]
    public async Task Apply_ItIsEnabledAndNotStarted()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, new string('e', 64)), (receipt.Changed, receipt.Facts["sha256"]));
        Assert.Equal(("enabled", "inactive"), (_bench.Fleet["cp1"].UnitEnabled, _bench.Fleet["cp1"].UnitActive)); // D9
        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Undo_AfterApply_TakesItAway()
    {
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.False(_bench.Fleet["cp1"].UnitInstalled);
        Assert.False((await _bench.UndoAsync(Step)).Changed);
    }

    public void Dispose() => _bench.Dispose();
}
