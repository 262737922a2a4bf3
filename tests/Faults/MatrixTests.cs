using EtcdFleet.Faults.Cases;
using EtcdFleet.TestKit;
using Xunit;

namespace EtcdFleet.Faults;

/// <summary>Every step of every procedure, at every moment, with every fault; then resume, and separately the way back.</summary>
/// <remarks>CI takes a quarter of the cells, other ones for each fault, so that every step meets every fault and every moment does; './build.sh faults' takes all.</remarks>
public sealed class MatrixTests
{
    private static readonly bool Whole = Environment.GetEnvironmentVariable("ETCDFLEET_FAULTS") == "all";

    [Fact]
    public async Task Case_ThatIsNamed_IsSurvived()
    {
        if (Environment.GetEnvironmentVariable("ETCDFLEET_FAULT_CASE") is not { Length: > 0 } name)
        {
            name = "migrate/A3/cp2/stash-manifest/AfterIntent/PowerCut/Resume/1";
        }

        var target = FaultCase.Parse(name);
        var profiles = await CaseRun.ProfileAsync(target.Procedure);
        var result = await CaseRun.RunAsync(target, profiles[target.Step.ToString()]);
        TestContext.Current.TestOutputHelper?.WriteLine(result is null ? "the step has no such moment" : string.Join('\n', result.Story));
        Assert.Equal("", result?.Problem ?? "");
    }
}
