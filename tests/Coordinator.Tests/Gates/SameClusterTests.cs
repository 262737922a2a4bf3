using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Gates;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class SameClusterTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Ask_NothingHasChanged_IsGreenAtTheRecordedRevision()
    {
        await RecordAsync();

        var answer = await AskAsync();

        Assert.True(answer.Green, answer.Why);
        Assert.Equal(("10000", "10000", answer.Facts["hash_before"]), (answer.Facts["revision_before"], answer.Facts["revision"], answer.Facts["hash"]));
        Assert.EndsWith("as before", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_AMemberWasRenamed_Fails()
    {
        await RecordAsync();
        _bench.Fleet["cp2"].MemberName = "default";

        var fault = await Assert.ThrowsAsync<StepFault>(AskAsync);
        Assert.Contains("default=a2@https://cp2:2380", fault.Message, StringComparison.Ordinal);
        Assert.Contains("expected cluster c1 with the members cp1=a1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TheHashAtTheRecordedRevisionIsAnother_Fails()
    {
        await RecordAsync();
        foreach (var node in _bench.Fleet.Nodes)
        {
            node.Corrupt = true; // all of them alike: only the record knows better
        }

        Assert.Contains("are not the same", (await Assert.ThrowsAsync<StepFault>(AskAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TheMembersDiffer_IsRedUntilTheDeadline()
    {
        await RecordAsync();
        _bench.Fleet["cp3"].Corrupt = true;

        var fault = await Assert.ThrowsAsync<StepFault>(() => _bench.ApplyAsync(new SameCluster()));
        Assert.Contains("still red after 60 s: HashKV at revision 10000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_TheRecordedRevisionWasCompacted_ComparesTheMembersAndSaysSo()
    {
        await RecordAsync();
        _bench.Fleet.CompactRevision = 10_050;

        var answer = await AskAsync();

        Assert.True(answer.Green, answer.Why);
        Assert.Contains("a compaction came since revision 10000 was recorded", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ACompactionReachesTheMembersOneAfterTheOther_IsRedForTheMoment()
    {
        await RecordAsync();
        _bench.Fleet["cp2"].CompactRevision = 10_050;

        Assert.False((await AskAsync()).Green);
        _bench.Fleet.CompactRevision = 10_050;
        Assert.True((await AskAsync()).Green);
    }

    /// <summary>A cluster restored from an older state has all ids and agrees with itself; what was recorded is gone all the same.</summary>
    [Fact]
    public async Task Ask_TheClusterWentBackInTime_IsNeverGreen()
    {
        await RecordAsync();
        _bench.Fleet.Lost = 500;

        var answer = await AskAsync();
        Assert.False(answer.Green);
        Assert.Contains("is at revision 9600, expected 10000", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_WithoutARecord_Fails() =>
        Assert.Contains("before.json is missing", (await Assert.ThrowsAsync<StepFault>(AskAsync)).Message, StringComparison.Ordinal);

    public void Dispose() => _bench.Dispose();

    private async Task RecordAsync()
    {
        await _bench.ApplyAsync(new RecordCluster());
        _bench.Fleet.Time.Advance(TimeSpan.FromSeconds(10)); // a hundred writes
    }

    private Task<GateAnswer> AskAsync() => _bench.AskAsync(new SameCluster());
}
