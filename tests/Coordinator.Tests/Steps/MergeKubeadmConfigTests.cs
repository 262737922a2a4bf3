using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class MergeKubeadmConfigTests : IDisposable
{
    private readonly StepBench _bench = new();

    private MergeKubeadmConfig Step => new(_bench["cp1"]);

    [Fact]
    public async Task Apply_KeepsBothTextsWithTheRun_AndUploadsNothing()
    {
        var receipt = await _bench.ApplyAsync(Step);

        Assert.Equal((false, "only etcd differs"), (receipt.Changed, receipt.Summary));
        Assert.Contains("local:", await File.ReadAllTextAsync(Path.Combine(_bench.State.Path, MergeKubeadmConfig.BeforeName), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("external:", await File.ReadAllTextAsync(Path.Combine(_bench.State.Path, MergeKubeadmConfig.MergedName), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(("", 0), (_bench.Fleet.External, _bench.Fleet.Calls.Count));
    }

    [Fact]
    public async Task Apply_ItCannotBeMerged_IsRefusedWithAllReasons()
    {
        _bench.Fleet["cp1"].Configuration = configuration => configuration.Problems.AddRange(["line 3: etcd is local and external at once", "kubeadm is v1.36.0"]);

        var refused = await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(Step));

        Assert.True(refused.Refused);
        Assert.Equal("line 3: etcd is local and external at once; kubeadm is v1.36.0", refused.Message);
    }

    public void Dispose() => _bench.Dispose();
}
