using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Faults.History;

public sealed class HistoryCheckTests
{
    private readonly RegisterHistory _history = new();

    [Fact]
    public void Problems_OfSoundHistories_AreNone()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            Assert.Equal((seed, ""), (seed, string.Join('\n', HistoryCheck.Problems(GeneratedHistory.Of(seed)))));
        }
    }

    /// <summary>Whatever one changes in a sound history: a value that is read, a write that is acknowledged and is not there, a revision that is lower.</summary>
    [Fact]
    public void Problems_OfSoundHistoriesWithOneThingChanged_AreFound()
    {
        var planted = 0;
        for (var seed = 0; seed < 500; seed++)
        {
            var history = GeneratedHistory.Of(seed);
            var changed = new Random(seed).Next(2) == 0 ? WithStaleRead(history) : WithLoss(history);
            if (changed is not null)
            {
                planted++;
                Assert.True(HistoryCheck.Problems(changed).Count > 0, $"seed {seed}");
            }
        }

        Assert.True(planted > 300, $"only {planted} were changed");
    }

    [Fact]
    public void Problems_OfALostAcknowledgedWrite_NameIt()
    {
        Write(0, 1, revision: 2);
        Write(1, 2, revision: 3);
        Read(1, revision: 4);

        Assert.Contains("no order explains read a=1", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfAnAcknowledgedWriteThatIsGoneAltogether_NameIt()
    {
        Write(0, 1, revision: 2);
        Read(0, revision: 3);

        Assert.Contains("no order explains read a=0", Problem(), StringComparison.Ordinal);
    }

    /// <summary>The members that had not seen the last writes come back as the cluster: their old write is accepted once more.</summary>
    [Fact]
    public void Problems_OfAWriteThatReappearsAfterItWasOverwritten_NameIt()
    {
        Write(0, 1, revision: 2);
        Write(1, 2, revision: 3);
        Write(2, 3, revision: 4);
        Read(3, revision: 4);
        Read(2, revision: 5);

        Assert.Contains("no order explains read a=2", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfARevisionThatGoesBackwards_NameIt()
    {
        Write(0, 1, revision: 9);
        Read(1, revision: 8);

        Assert.Contains("revision 8 after 9", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfTwoWritesWithOneRevision_NameThem()
    {
        Write(0, 1, revision: 2);
        _history.Swap("b", _history.Now(), 0, 7, done: true, 2);

        Assert.Contains("revision 2 was given to 2 writes", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfAStaleRefusal_NameIt()
    {
        Write(0, 1, revision: 2);
        _history.Swap("a", _history.Now(), 1, 5, done: false, 2);

        Assert.Contains("no order explains write a: 1 to 5, refused", Problem(), StringComparison.Ordinal);
    }

    /// <summary>What was never answered may be there, or not; but not first be there, then not.</summary>
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 2, true)]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, false)]
    public void Problems_OfAWriteWithoutAnAnswer_AreNoneAsLongAsItIsThereOrNot(long first, long then, bool sound)
    {
        Write(0, 1, revision: 2);
        _history.Lost("a", _history.Now(), 1, 2);
        Read(first, revision: 3);
        Read(then, revision: 3);

        Assert.Equal(sound, HistoryCheck.Problems(_history.Operations).Count == 0);
    }

    private string Problem() => string.Join('\n', HistoryCheck.Problems(_history.Operations));

    private void Write(long expected, long value, long revision) => _history.Swap("a", _history.Now(), expected, value, done: true, revision);

    private void Read(long value, long revision) => _history.Read("a", _history.Now(), value, revision);

    /// <summary>A read at the end finds what the last but one acknowledged write left; null where nothing can be planted.</summary>
    private static List<RegisterOperation>? WithStaleRead(List<RegisterOperation> history)
    {
        var writes = history.Where(call => call is { Key: "k0", Expected: not null, Outcome: RegisterOutcome.Done }).OrderBy(call => call.Revision).ToList();
        return writes.Count < 2 ? null : [.. history, new() { Key = "k0", Value = writes[^2].Value, Outcome = RegisterOutcome.Done, Revision = 100_000, Invoked = 1_000_000, Returned = 1_000_001 }];
    }

    /// <summary>A write is acknowledged that expected what was never there; null where there is none.</summary>
    private static List<RegisterOperation>? WithLoss(List<RegisterOperation> history)
    {
        var refused = history.FindIndex(call => call is { Outcome: RegisterOutcome.Refused, Expected: > 0 and < 10 });
        return refused < 0 ? null : [.. history.Take(refused), history[refused] with { Outcome = RegisterOutcome.Done }, .. history.Skip(refused + 1)];
    }
}
