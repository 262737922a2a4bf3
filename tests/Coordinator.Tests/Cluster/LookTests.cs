using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Cluster;

public sealed class LookTests : IDisposable
{
    private readonly StepBench _bench = new();

    [Theory]
    [InlineData("InUse", "inactive", "Untouched")]
    [InlineData("InUse", "active", "Untouched")] // the checks refuse that; it is not ours
    [InlineData("Stashed", "inactive", "Begun")]
    [InlineData("Stashed", "failed", "Begun")]
    [InlineData("Stashed", "activating", "Begun")]
    [InlineData("Stashed", "active", "Done")]
    public async Task CutOver_ManifestAndUnit_SayHowFar(string place, string unit, string state)
    {
        (_bench.Fleet["cp1"].Place, _bench.Fleet["cp1"].UnitActive) = (Enum.Parse<StaticPod.Types.Place>(place), unit);

        Assert.Equal(state, (await new CutOverLook(_bench["cp1"]).AskAsync(_bench.Context(), CancellationToken.None)).ToString());
    }

    [Theory]
    [InlineData("InUse", "Untouched")]
    [InlineData("Stashed", "Done")]
    public async Task Install_OnceTheManifestIsStashed_NothingIsInstalledAnyMore(string place, string state)
    {
        _bench.Fleet["cp1"].Place = Enum.Parse<StaticPod.Types.Place>(place);

        Assert.Equal(state, (await new InstallLook(_bench["cp1"]).AskAsync(_bench.Context(), CancellationToken.None)).ToString());
    }

    public void Dispose() => _bench.Dispose();
}
