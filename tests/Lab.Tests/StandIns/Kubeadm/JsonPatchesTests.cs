using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Kubeadm.Manifests;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.Kubeadm;

public sealed class JsonPatchesTests
{
    private const string Pod = """{"spec":{"containers":[{"name":"a","args":["1"],"env":[{"name":"X","value":"1"}]}],"priority":5}}""";

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"a","args":["2"]}]}}""", """{"spec":{"containers":[{"name":"a","args":["2"],"env":[{"name":"X","value":"1"}]}],"priority":5}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"b"}],"priority":null}}""", """{"spec":{"containers":[{"name":"b"},{"name":"a","args":["1"],"env":[{"name":"X","value":"1"}]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""", """{"spec":{"containers":[],"priority":5}}""")]
    [InlineData("""{"spec":{"$patch":"replace","priority":6}}""", """{"spec":{"priority":6}}""")]
    public void Strategic_MergesListsByName(string patch, string expected) => AssertSame(expected, JsonPatches.Strategic(Parse(Pod), Parse(patch)));

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"b"}],"priority":5}}""")]
    [InlineData("""{"spec":{"priority":null}}""", """{"spec":{"containers":[{"name":"a","args":["1"],"env":[{"name":"X","value":"1"}]}]}}""")]
    public void Merge_ReplacesLists(string patch, string expected) => AssertSame(expected, JsonPatches.Merge(Parse(Pod), Parse(patch)));

    [Theory]
    [InlineData("""[{"op":"add","path":"/spec/containers/0/args/0","value":"0"}]""", """{"spec":{"containers":[{"name":"a","args":["0","1"],"env":[{"name":"X","value":"1"}]}],"priority":5}}""")]
    [InlineData("""[{"op":"test","path":"/spec/priority","value":5},{"op":"remove","path":"/spec/containers"}]""", """{"spec":{"priority":5}}""")]
    [InlineData("""[{"op":"add","path":"/spec/a~1b","value":1},{"op":"remove","path":"/spec/containers"}]""", """{"spec":{"a/b":1,"priority":5}}""")]
    public void Operations_DoWhatTheySay(string patch, string expected) => AssertSame(expected, JsonPatches.Operations(Parse(Pod), Parse(patch).AsArray()));

    [Theory]
    [InlineData("""[{"op":"replace","path":"/spec/nowhere","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/spec/priority","value":6}]""")]
    [InlineData("""[{"op":"add","path":"/nowhere/priority","value":6}]""")]
    public void Operations_ThatDoNotApply_AreRefused(string patch) => Assert.Throws<FormatException>(() => JsonPatches.Operations(Parse(Pod), Parse(patch).AsArray()));

    private static void AssertSame(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(Parse(expected), actual), actual?.ToJsonString());

    private static JsonNode Parse(string text) => JsonNode.Parse(text)!;
}
