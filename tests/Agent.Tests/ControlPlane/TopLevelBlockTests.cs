using EtcdFleet.Agent.ControlPlane;

namespace EtcdFleet.Agent.Tests.ControlPlane;

public sealed class TopLevelBlockTests
{
    [Theory]
    [InlineData("a: 1\netcd:\n  local: {}\nb: 2\n", "etcd:\n  local: {}\n")]
    [InlineData("etcd: {}\nb: 2\n", "etcd: {}\n")]
    [InlineData("a: 1\netcd:\n  local: {}", "etcd:\n  local: {}")]
    [InlineData("etcd:\n- a\n- b\nb: 2\n", "etcd:\n- a\n- b\n")]
    [InlineData("etcd:\n  a: 1\n# inside\n  b: 2\n\n# of c\nc: 3\n", "etcd:\n  a: 1\n# inside\n  b: 2\n")]
    [InlineData("etcd:\n  a: 1\n\n\n# the end\n", "etcd:\n  a: 1\n")]
    [InlineData("etcd :\r\n  a: 1\r\nb: 2\r\n", "etcd :\r\n  a: 1\r\n")]
    [InlineData("etcd:\n  a: 1\n...\n", "etcd:\n  a: 1\n")]
    [InlineData("etcd:\n  a: 1\n---\n", "etcd:\n  a: 1\n")]
    [InlineData("etcd:\n  a: 1\n\"quoted\": 2\n", "etcd:\n  a: 1\n")]
    public void Find_TakesTheFieldAndWhatIsBelowIt(string text, string block) => Assert.Equal(block, text[TopLevelBlock.Find(text, "etcd")!.Value]);

    [Theory]
    [InlineData("")]
    [InlineData("etcdBackup: 1\n")]
    [InlineData(" etcd: 1\n")]
    [InlineData("a:\n  etcd: 1\n")]
    [InlineData("# etcd: 1\n")]
    [InlineData("- etcd: 1\n")]
    public void Find_NoSuchField_IsNull(string text) => Assert.Null(TopLevelBlock.Find(text, "etcd"));

    [Theory]
    [InlineData("dns: 1\nkind: 2\n", "dns: 1\netcd: x\nkind: 2\n")]
    [InlineData("kind: 2\ndns: 1\n", "etcd: x\nkind: 2\ndns: 1\n")]
    [InlineData("---\n# a head\nkind: 2\n", "---\n# a head\netcd: x\nkind: 2\n")]
    [InlineData("dns: 1", "dns: 1\netcd: x\n")]
    [InlineData("", "etcd: x\n")]
    public void Exchange_NoSuchField_PutsItWhereItSorts(string text, string expected) => Assert.Equal(expected, TopLevelBlock.Exchange(text, "etcd", "etcd: x\n"));

    [Theory]
    [InlineData("etcd: x\nkind: 2\n", "kind: 2\n")]
    [InlineData("dns: 1\netcd:\n  a: 1", "dns: 1\n")]
    public void Exchange_WithNothing_TakesItOut(string text, string expected) => Assert.Equal(expected, TopLevelBlock.Exchange(text, "etcd", ""));

    [Fact]
    public void Exchange_BlockWithoutANewline_GetsOneOnlyWhereSomethingFollows()
    {
        Assert.Equal("etcd: y\nkind: 2", TopLevelBlock.Exchange("etcd: x\nkind: 2", "etcd", "etcd: y"));
        Assert.Equal("dns: 1\netcd: y", TopLevelBlock.Exchange("dns: 1\netcd: x\n", "etcd", "etcd: y"));
    }
}
