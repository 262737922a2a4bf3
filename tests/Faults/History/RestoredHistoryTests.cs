using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Faults.History;

public sealed class RestoredHistoryTests
{
    private const ulong Former = 1;
    private const ulong Restored = 2;
    private static readonly Dictionary<string, long> Snapshot = new() { ["a"] = 1 };

    private readonly RegisterHistory _history = new();

    public RestoredHistoryTests()
    {
        Write(0, 1, revision: 2, Former); // what the snapshot has
        Write(1, 2, revision: 3, Former); // what is gone with the restore
    }

    [Fact]
    public void Problems_OfARestore_AreNone()
    {
        Read(1, revision: 1002, Restored);
        Write(1, 3, revision: 1003, Restored);
        Read(3, revision: 1003, Restored);

        Assert.Empty(Problem());
    }

    [Fact]
    public void Problems_OfOneThatWasUndone_AreNone()
    {
        Read(2, revision: 3, Former);

        Assert.Empty(Problem());
    }

    /// <summary>Undone, or never done, and a write is gone all the same.</summary>
    [Fact]
    public void Problems_OfAFormerClusterThatHasLostAWrite_NameIt()
    {
        Read(1, revision: 3, Former);

        Assert.Contains("no order explains read a=1", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfARestoreThatKeptALaterWrite_NameIt()
    {
        Read(2, revision: 1002, Restored);

        Assert.Contains("no order explains read a=2", Problem(), StringComparison.Ordinal);
    }

    /// <summary>One without an answer went to the former cluster, and is gone with it.</summary>
    [Fact]
    public void Problems_OfAnUnansweredWriteThatComesWithTheRestoredData_NameIt()
    {
        _history.Lost("a", _history.Now(), 1, 9, Former);
        Read(9, revision: 1002, Restored);

        Assert.Contains("no order explains read a=9", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfARestoredClusterThatHasLostAWrite_NameIt()
    {
        Write(1, 3, revision: 1003, Restored);
        Read(1, revision: 1003, Restored);

        Assert.Contains("no order explains read a=1", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfARevisionThatWasNotRaised_NameIt()
    {
        Read(1, revision: 2, Restored);

        Assert.Contains("revision 2 after 3", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfClientsThatHearTheFormerClusterAgain_NameBoth()
    {
        Read(1, revision: 1002, Restored);
        Read(2, revision: 1003, Former);

        Assert.Contains("answered by the clusters 1, then 2, then 1", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_OfARestoreOfWhatWasRestoredAndWrittenTo_NameAll()
    {
        Write(1, 3, revision: 1002, Restored);
        Read(1, revision: 2002, 3);

        Assert.Contains("answered by the clusters 1, then 2, then 3", Problem(), StringComparison.Ordinal);
    }

    private string Problem() => string.Join('\n', RestoredHistory.Problems(_history.Operations, Former, Snapshot));

    private void Write(long expected, long value, long revision, ulong cluster) => _history.Swap("a", _history.Now(), expected, value, done: true, revision, cluster);

    private void Read(long value, long revision, ulong cluster) => _history.Read("a", _history.Now(), value, revision, cluster);
}
