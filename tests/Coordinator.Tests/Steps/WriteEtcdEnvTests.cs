using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class WriteEtcdEnvTests : IDisposable
{
    private readonly StepBench _bench = new();

    private WriteEtcdEnv Step => new(_bench["cp1"]);

    [Fact]
    public async Task Apply_SaysWhatWasCarriedOverAndWhatIsOurs()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((true, "1", "ETCD_INITIAL_CLUSTER_STATE"), (receipt.Changed, receipt.Facts["carried_over"], receipt.Facts["added"]));
    }

    /// <summary>The Pod's environment may hold secrets: names at most get into the journal (rule 10).</summary>
    [Fact]
    public async Task Apply_NoValueGetsIntoTheReceipt() => Assert.DoesNotContain("existing", string.Join(' ', (await _bench.ApplyAsync(Step)).Facts.Values), StringComparison.Ordinal);

    [Fact]
    public async Task Undo_AfterApply_TakesItAway()
    {
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.False(_bench.Fleet["cp1"].EnvWritten);
    }

    public void Dispose() => _bench.Dispose();
}
