using EtcdFleet.Coordinator.Checks;
using EtcdFleet.Coordinator.Engine;
using EtcdFleet.Coordinator.Steps;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Steps;

public sealed class CheckFleetTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Fact]
    public async Task Look_EverythingIsWell_IsAlreadyDoneAndChangesNothing()
    {
        Assert.IsType<Look.AlreadyDone>(await _bench.LookAsync(new CheckFleet(Kubernetes: false)));

        Assert.Empty(_bench.Fleet.Calls);
        Assert.All(_bench.Findings, finding => Assert.Equal(Severity.Pass, finding.Severity));
    }

    /// <summary>One reading tells everything that has to be put right.</summary>
    [Fact]
    public async Task Look_SeveralThingsAreWrong_SaysAllOfThemAtOnce()
    {
        _bench.Fleet["cp1"].Facts = facts => facts.EtcdUser.UserExists = false;
        _bench.Fleet["cp2"].Facts = facts => facts.EtcdPod.DataDir = "/data";
        _bench.Fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue;

        var refused = Assert.IsType<Look.Refused>(await _bench.LookAsync(new CheckFleet(Kubernetes: false)));

        Assert.Equal(["cp1: there is no user", "cp2: the manifest's data", "cp3: the "], refused.Reasons.Skip(1).Select(reason => reason).Order().Zip((int[])[21, 24, 9], (reason, length) => reason[..length]));
        Assert.Contains(_bench.Findings, finding => finding.Severity == Severity.Pass);
    }

    public void Dispose() => _bench.Dispose();
}
