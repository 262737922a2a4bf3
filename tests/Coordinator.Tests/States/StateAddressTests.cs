using EtcdFleet.Coordinator.States;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.States;

public sealed class StateAddressTests
{
    [Theory]
    [InlineData("etcd://state1:2379", "etcd://state1:2379/etcdfleet", "https://state1:2379/", "/etcdfleet")]
    [InlineData("etcd://state1:2379/", "etcd://state1:2379/etcdfleet", "https://state1:2379/", "/etcdfleet")]
    [InlineData("etcd://state1:443/ops/etcdfleet/", "etcd://state1:443/ops/etcdfleet", "https://state1/", "/ops/etcdfleet")]
    [InlineData("etcd+insecure://127.0.0.1:80", "etcd+insecure://127.0.0.1:80/etcdfleet", "http://127.0.0.1/", "/etcdfleet")]
    [InlineData("etcd://[fd00::1]:2379,10.0.0.1:12379/p", "etcd://[fd00::1]:2379,10.0.0.1:12379/p", "https://[fd00::1]:2379/ https://10.0.0.1:12379/", "/p")]
    [InlineData("etcd://a:1,a:1", "etcd://a:1/etcdfleet", "https://a:1/", "/etcdfleet")]
    public void Parse_AGoodOne_IsItsParts(string text, string full, string endpoints, string prefix)
    {
        var address = StateAddress.Parse(text);

        Assert.Equal((full, endpoints, prefix), ($"{address}", string.Join(' ', address.Endpoints), address.Prefix));
        Assert.Equal(full.StartsWith("etcd://", StringComparison.Ordinal), address.Secure);
    }

    [Theory]
    [InlineData("etcd://", "'' is no HOST:PORT")]
    [InlineData("etcd://state1", "'state1' is no HOST:PORT")]
    [InlineData("etcd://state1:", "'state1:' is no HOST:PORT")]
    [InlineData("etcd://state1:0", "'state1:0' is no HOST:PORT")]
    [InlineData("etcd://state1:65536", "'state1:65536' is no HOST:PORT")]
    [InlineData("etcd://state1:2379,", "'' is no HOST:PORT")]
    [InlineData("etcd://state1:2379,state 2:2379", "'state 2:2379' is no HOST:PORT")]
    [InlineData("etcd://fd00::1:2379", "'fd00::1:2379' is no HOST:PORT")]
    [InlineData("etcd://state1:2379?x=y", "nothing comes after the prefix")]
    [InlineData("etcd://state1:2379/p#x", "nothing comes after the prefix")]
    [InlineData("etcd://state1:2379//p", "a prefix is names")]
    [InlineData("etcd://state1:2379/../p", "a prefix is names")]
    [InlineData("etcd://state1:2379/p q", "a prefix is names")]
    [InlineData("etcd:/state1:2379", "expected a folder, or etcd://")]
    [InlineData("etcd+http://state1:2379", "etcd+insecure://... for one without")]
    [InlineData("etcds://state1:2379", "expected a folder, or etcd://")]
    [InlineData("http://state1:2379", "expected a folder, or etcd://")]
    [InlineData("://state1:2379", "expected a folder, or etcd://")]
    public void Parse_ABadOne_SaysWhatIsWrong(string text, string said)
    {
        var wrong = Assert.Throws<FormatException>(() => StateAddress.Parse(text));

        Assert.Contains($"found '{text}', expected ", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(said, wrong.Message, StringComparison.Ordinal);
        Assert.True(StateAddress.IsMeant(text));
    }

    /// <summary>A password that was typed is not shown once more.</summary>
    [Fact]
    public void Parse_AUserInIt_IsRefusedWithoutRepeatingIt()
    {
        var wrong = Assert.Throws<FormatException>(() => StateAddress.Parse("etcd://root:secret@state1:2379"));

        Assert.DoesNotContain("secret", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("--state-pki", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there")]
    [InlineData("/var/lib/state")]
    [InlineData("../etcd")]
    [InlineData("etcd")]
    [InlineData("etcd-state/x")]
    public void IsMeant_AFolder_IsNone(string folder) => Assert.False(StateAddress.IsMeant(folder));
}
