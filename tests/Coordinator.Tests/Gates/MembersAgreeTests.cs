using EtcdFleet.Coordinator.Gates;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Gates;

public sealed class MembersAgreeTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Ask_AllAgree_IsGreenWithTheHash()
    {
        var answer = await _bench.AskAsync(new MembersAgree());

        Assert.True(answer.Green, answer.Why);
        Assert.Equal("10000", answer.Facts["revision"]);
    }

    [Fact]
    public async Task Ask_OneIsDown_IsRed()
    {
        _bench.Fleet["cp3"].Sick = "connection refused";

        Assert.Equal("cp3: connection refused", (await _bench.AskAsync(new MembersAgree())).Why);
    }

    [Fact]
    public async Task Ask_TheDataDiffer_IsRedAndSaysWhere()
    {
        _bench.Fleet["cp2"].Corrupt = true;

        Assert.Contains("on cp2", (await _bench.AskAsync(new MembersAgree())).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ACompactionComesInBetween_IsRedForTheMoment()
    {
        _bench.Fleet["cp2"].CompactRevision = 9_000;

        Assert.Contains("a compaction came between", (await _bench.AskAsync(new MembersAgree())).Why, StringComparison.Ordinal);
        _bench.Fleet.CompactRevision = 9_000;
        Assert.True((await _bench.AskAsync(new MembersAgree())).Green);
    }

    public void Dispose() => _bench.Dispose();
}
