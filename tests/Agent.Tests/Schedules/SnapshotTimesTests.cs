using EtcdFleet.Agent.Schedules;

namespace EtcdFleet.Agent.Tests.Schedules;

public sealed class SnapshotTimesTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(6, 3)]
    [InlineData(6, 5)]
    [InlineData(24, 7)]
    [InlineData(168, 2)]
    public void Turns_OfAllMembers_NeverMeetAndEachHasOneAPeriod(int hours, int members)
    {
        var every = TimeSpan.FromHours(hours);
        var turns = new int[members];
        for (var now = Midnight; now < Midnight + (every * 2); now += TimeSpan.FromMinutes(1))
        {
            var having = Enumerable.Range(0, members).Where(place => new SnapshotTimes(every, place, members).IsTurn(now)).ToList();
            Assert.True(having.Count <= 1, $"{now}: {string.Join(", ", having)}");
            foreach (var place in having)
            {
                turns[place]++;
            }
        }

        // Two periods, half a part each.
        Assert.All(turns, turn => Assert.InRange(turn, (int)(every.TotalMinutes / members) - 2, (int)(every.TotalMinutes / members) + 2));
    }

    [Fact]
    public void Next_IsAPeriodAfterTheBeginning()
    {
        var times = new SnapshotTimes(TimeSpan.FromHours(6), 1, 3);

        Assert.Equal(Midnight + TimeSpan.FromHours(2), times.Begin(Midnight + TimeSpan.FromHours(3)));
        Assert.Equal(Midnight + TimeSpan.FromHours(8), times.Next(Midnight + TimeSpan.FromHours(3)));
        Assert.False(times.IsTurn(Midnight + TimeSpan.FromHours(3)));
        Assert.True(times.IsTurn(Midnight + TimeSpan.FromHours(2.5)));
    }
}
