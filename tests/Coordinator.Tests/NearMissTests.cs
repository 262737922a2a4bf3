using Xunit;

namespace EtcdFleet.Coordinator.Tests;

public sealed class NearMissTests
{
    [Theory]
    [InlineData("versoin", "version")]
    [InlineData("verison", "version")]
    [InlineData("adress", "address")]
    [InlineData("Leader", "leader")]
    [InlineData("role", "role")]
    public void Of_AWordMistyped_FindsIt(string typed, string meant) =>
        Assert.Equal(meant, NearMiss.Of(typed, ["version", "address", "leader", "role"]));

    [Theory]
    [InlineData("banana")]
    [InlineData("x")]
    [InlineData("")]
    public void Of_AWordFarFromAll_FindsNothing(string typed) =>
        Assert.Null(NearMiss.Of(typed, ["version", "address", "leader", "role"]));

    [Fact]
    public void Of_NothingKnown_FindsNothing() => Assert.Null(NearMiss.Of("version", []));
}
