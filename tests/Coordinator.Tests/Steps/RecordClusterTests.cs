using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class RecordClusterTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Apply_OneCluster_WritesItDown()
    {
        await _bench.ApplyAsync(new RecordCluster());

        var before = RecordCluster.Read(_bench.State.Path)!;
        Assert.Equal(("c1", 10_000L), (before.ClusterId, before.Revision));
        Assert.Equal("cp1=a1@https://cp1:2380, cp2=a2@https://cp2:2380, cp3=a3@https://cp3:2380", before.Members);
    }

    [Fact]
    public async Task Look_AnUnfinishedRunWroteItDown_IsAlreadyDone()
    {
        Assert.IsType<Look.Needed>(await _bench.LookAsync(new RecordCluster()));
        await _bench.ApplyAsync(new RecordCluster());

        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new RecordCluster()));
    }

    /// <summary>One member is down because a run died in the middle of its node: the others are the cluster.</summary>
    [Fact]
    public async Task Apply_OneMemberIsDown_TakesTheOthers()
    {
        _bench.Fleet["cp2"].Sick = "connection refused";

        Assert.Contains("2 members", (await _bench.ApplyAsync(new RecordCluster())).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TheirDataDiffer_IsRefusedBecauseNothingHasBeenChanged()
    {
        _bench.Fleet["cp2"].Corrupt = true;

        Assert.True((await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new RecordCluster()))).Refused);
        Assert.Empty(Directory.GetFiles(_bench.State.Path));
    }

    [Fact]
    public async Task Apply_NobodyAnswers_IsRefused()
    {
        foreach (var node in _bench.Fleet.Nodes)
        {
            node.Sick = "no answer";
        }

        Assert.Contains("no member was asked", (await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new RecordCluster()))).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();
}
