using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class WeighLossTests : IDisposable
{
    private readonly StepBench _bench = new(fleet: RestoreFleet.Of());

    private static WeighLoss Step => new(RestoreFleet.Sha256, RestoreFleet.Snapshot.Facts.Taken.ToDateTimeOffset());

    [Fact]
    public async Task Look_AClusterWithQuorum_IsRefusedWithTheFigures()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));

        var refused = Assert.IsType<Look.Refused>(await _bench.LookAsync(Step));

        Assert.Matches(@"is at revision \d+; the snapshot is at 9000, .* revisions written since then will be gone", Assert.Single(refused.Reasons));
    }

    [Fact]
    public async Task Look_BegunAlready_WasAgreedTo()
    {
        await _bench.ApplyAsync(new PrepareRestore("snapshot.db", RestoreFleet.Sha256));
        await _bench.ApplyAsync(new StopControlPlane(RestoreFleet.Sha256));

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(Step));
    }

    [Fact]
    public async Task Look_NoQuorum_NeedsNoWord()
    {
        using var bench = new StepBench(fleet: RestoreFleet.WithoutQuorum());

        var done = Assert.IsType<Look.AlreadyDone>(await bench.LookAsync(Step));
        Assert.Contains("no quorum", done.Receipt.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_TheLossIsAccepted_SaysIt()
    {
        using var bench = new StepBench(fleet: RestoreFleet.Of()) { Options = new() { AcceptLoss = true } };

        Assert.Contains("will be gone", Assert.IsType<Look.AlreadyDone>(await bench.LookAsync(Step)).Receipt.Summary, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
