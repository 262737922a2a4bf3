using EtcdFleet.Agent.Schedules;
using EtcdFleet.Agent.V1;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.Agent.Tests.Schedules;

public sealed class SnapshotRetentionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private static readonly SnapshotSettings Settings = new() { Keep = 2, KeepDays = 1, KeepVerified = 1 };

    [Fact]
    public void Superfluous_OldOnesBeyondTheNewest_Go() =>
        Assert.Equal(["etcd-3-schedule.db", "etcd-4-schedule.db"], Gone([Own(1, 1), Own(2, 2), Own(3, 30), Own(4, 40)]));

    [Fact]
    public void Superfluous_YoungOnes_StayHoweverMany() => Assert.Empty(Gone([Own(1, 1), Own(2, 2), Own(3, 3), Own(4, 23.9)]));

    [Fact]
    public void Superfluous_TheNewestVerified_StaysHoweverOld() =>
        Assert.Equal(["etcd-4-schedule.db"], Gone([Own(1, 1, verified: false), Own(2, 2, verified: false), Own(3, 3000), Own(4, 4000)]));

    [Fact]
    public void Superfluous_NoneIsVerified_UnverifiedOnesStillGo() =>
        Assert.Equal(["etcd-3-schedule.db"], Gone([Own(1, 1, verified: false), Own(2, 2, verified: false), Own(3, 300, verified: false)]));

    [Fact]
    public void Superfluous_SnapshotsOfRunsAndPeople_AreNeverTouched()
    {
        var run = new Snapshot { Name = "etcd-5-20261101-0101-ab12.db", Verified = true, Taken = At(9000) };
        var byHand = new Snapshot { Name = "by-hand.db", Taken = At(9001) };
        var named = new Snapshot { Name = "etcd-6-schedule.db", Verified = true, Taken = At(9002) }; // the name, and not the facts
        var noted = new Snapshot { Name = "precious.db", Scheduled = true, Taken = At(9003) }; // the facts, and not the name

        Assert.Equal(["etcd-3-schedule.db"], Gone([Own(1, 1), Own(2, 2), Own(3, 300), run, byHand, named, noted]));
    }

    private static IReadOnlyList<string> Gone(Snapshot[] snapshots) => SnapshotRetention.Superfluous(snapshots, Settings, Now);

    private static Snapshot Own(int number, double hours, bool verified = true) => new() { Name = $"etcd-{number}-schedule.db", Scheduled = true, Verified = verified, Taken = At(hours) };

    private static Timestamp At(double hours) => Timestamp.FromDateTimeOffset(Now - TimeSpan.FromHours(hours));
}
