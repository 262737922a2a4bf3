using EtcdFleet.Lab.StandIns.Kubelet;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns;

public sealed class CrashLoopBackOffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Remaining_AfterEachCrash_DoublesFromTenSecondsToFiveMinutes()
    {
        var backOff = new CrashLoopBackOff(_time);
        var waits = new List<double>();
        for (var crash = 0; crash < 8; crash++)
        {
            var exited = _time.GetUtcNow();
            var wait = backOff.Remaining("uid", exited);
            waits.Add(wait.TotalSeconds);
            _time.Advance(wait);
            backOff.Restarted("uid", exited);
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], waits);
    }

    [Fact]
    public void Remaining_AfterTenMinutesOfRunning_IsForgiven()
    {
        var backOff = new CrashLoopBackOff(_time);
        backOff.Restarted("uid", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(TimeSpan.Zero, backOff.Remaining("uid", _time.GetUtcNow()));
    }
}
