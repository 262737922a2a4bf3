using EtcdFleet.Agent.ControlPlane;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class KubernetesVersionTests
{
    [Theory]
    [InlineData("v1.35.6", 1, 35)]
    [InlineData("1.31.0", 1, 31)]
    [InlineData("v1.36.4+ds1", 1, 36)]
    [InlineData("v1.36.0-rc.1", 1, 36)]
    public void TryParse_AVersion_GivesItsMinor(string text, int major, int minor)
    {
        Assert.True(KubernetesVersion.TryParse(text, out var version));
        Assert.Equal((text, major, minor, text), (version.Text, version.Major, version.Minor, version.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("stable-1")]
    [InlineData("v1.35")]
    [InlineData("v1.35.6\n")]
    [InlineData("v1.35.6 --force")]
    [InlineData("--help")]
    [InlineData("v99999.1.1")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.False(KubernetesVersion.TryParse(text, out _));

    [Theory]
    [InlineData("v1.35.0", true)]
    [InlineData("v1.36.6", false)]
    [InlineData("v2.35.6", false)]
    public void SameMinor_ForgivesThePatchAlone(string other, bool same)
    {
        Assert.True(KubernetesVersion.TryParse("v1.35.6", out var one) & KubernetesVersion.TryParse(other, out var two));
        Assert.Equal(same, one.SameMinor(two));
    }
}
