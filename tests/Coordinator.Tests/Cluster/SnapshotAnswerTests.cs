using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.TestKit;
using Google.Protobuf.WellKnownTypes;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cluster;

public sealed class SnapshotAnswerTests
{
    public static TheoryData<string, Action<Snapshot>> Wrong() => new()
    {
        { "a name that no snapshot has", snapshot => snapshot.Name = "" },
        { "a name that no snapshot has", snapshot => snapshot.Name = "../etcd.db" },
        { "a name that no snapshot has", snapshot => snapshot.Name = "a\u001B[2J.db" },
        { "a SHA-256 of a.db that is none", snapshot => snapshot.Sha256 = "c0ffee" },
        { "no time at which a.db was taken", snapshot => snapshot.Taken = null },
        { "a time of a.db that is none", snapshot => snapshot.Taken = new Timestamp { Seconds = 1L << 62 } },
        { "a time of a.db that is none", snapshot => snapshot.Taken = new Timestamp { Nanos = -1 } },
        { "a time of a.db that is none", snapshot => snapshot.Checked = new Timestamp { Seconds = -62_135_596_801 } },
        { "words on a.db with control characters, or without end", snapshot => snapshot.EtcdVersion = "3.6.6\n" },
        { "words on a.db with control characters, or without end", snapshot => snapshot.OpenedBy = "\u0007" },
        { "words on a.db with control characters, or without end", snapshot => snapshot.Problem = new string('x', 4001) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Problem_OfWhatNoAgentSays_NamesIt(string expected, Action<Snapshot> change)
    {
        var snapshot = Right();
        change(snapshot);

        Assert.Equal(expected, SnapshotAnswer.Problem(snapshot));
        Assert.Equal(expected, SnapshotAnswer.Problem(new ListSnapshotsResponse { Snapshots = { Right(), snapshot } }));
    }

    [Fact]
    public void Problem_OfWhatAnAgentSays_IsNone()
    {
        Assert.Null(SnapshotAnswer.Problem(Right()));
        Assert.Null(SnapshotAnswer.Problem(new Snapshot { Name = "by-hand.db", Size = 3, Taken = new(), Problem = "nothing is known of it: verify it" }));
        Assert.Null(SnapshotAnswer.Problem(new ListSnapshotsResponse()));
        Assert.Null(SnapshotAnswer.Problem(new ListSnapshotsResponse { Schedule = new() { Every = new() { Seconds = 3600 }, Next = new(), LastSuccess = new(), Problem = "no room" } }));
    }

    [Fact]
    public void Problem_OfASchedule_IsNamed()
    {
        Assert.Equal("a schedule without a period", SnapshotAnswer.Problem(new ListSnapshotsResponse { Schedule = new() }));
        Assert.Equal("a schedule without a period", SnapshotAnswer.Problem(new ListSnapshotsResponse { Schedule = new() { Every = new() { Seconds = long.MaxValue } } }));
        Assert.Equal("a time of its schedule that is none", SnapshotAnswer.Problem(new ListSnapshotsResponse { Schedule = new() { Every = new(), Next = new() { Nanos = int.MaxValue } } }));
        Assert.Equal("words on its schedule with control characters, or without end", SnapshotAnswer.Problem(new ListSnapshotsResponse { Schedule = new() { Every = new(), Problem = "\r" } }));
    }

    private static Snapshot Right()
    {
        var snapshot = FakeReads.Snapshot(new FakeNode { Name = "cp1", MemberName = "cp1", MemberId = 1 });
        snapshot.Name = "a.db";
        return snapshot;
    }
}
