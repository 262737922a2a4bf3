using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class UploadKubeadmConfigTests : IDisposable
{
    private readonly StepBench _bench = new();

    private UploadKubeadmConfig Step => new(_bench["cp1"]);

    [Fact]
    public async Task Apply_UploadsTheEndpointsOfTheInventory()
    {
        Assert.True((await _bench.ApplyAsync(Step)).Changed);
        Assert.Equal("https://10.66.0.11:2379,https://10.66.0.12:2379,https://10.66.0.13:2379", _bench.Fleet.External);
    }

    [Fact]
    public async Task Apply_Twice_ReportsUnchanged()
    {
        await _bench.ApplyAsync(Step);

        Assert.False((await _bench.ApplyAsync(Step)).Changed);
    }

    [Fact]
    public async Task Undo_AfterApply_PutsLocalEtcdBack()
    {
        await _bench.ApplyAsync(Step);

        Assert.True((await _bench.UndoAsync(Step)).Changed);
        Assert.Equal("", _bench.Fleet.External);
    }

    [Fact]
    public async Task Undo_WithoutApply_ReportsUnchanged() => Assert.False((await _bench.UndoAsync(Step)).Changed);

    public void Dispose() => _bench.Dispose();
}
