using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;
using Xunit;

namespace EtcdFleet.Lab.Tests.StandIns.Documents;

public sealed class YamlTests
{
    [Fact]
    public void Write_LooksAsKubernetesProgramsWriteIt()
    {
        var node = JsonNode.Parse("""{"b":[{"y":"7","x":1},"word"],"a":{"empty":{},"none":[],"on":true},"text":"one\ntwo\n","quoted":": x","null":null}""")!;
        Assert.Equal(
            """
            a:
              empty: {}
              none: []
              "on": true
            b:
            - x: 1
              "y": "7"
            - word
            "null": null
            quoted: ": x"
            text: |
              one
              two

            """,
            YamlWriter.Write(node));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1.35")]
    [InlineData("0644")]
    [InlineData("no")]
    [InlineData("")]
    [InlineData(" spaced ")]
    [InlineData("- dash")]
    [InlineData("key: value")]
    [InlineData("*,bootstrapsigner")]
    [InlineData("2026-11-24")]
    [InlineData("https://10.66.0.11:2379")]
    [InlineData("say \"hi\"\ttab")]
    [InlineData("one\ntwo")]
    [InlineData("a: b\nc: d\n")]
    public void WrittenText_IsReadAsTheSameText(string text)
    {
        var written = YamlWriter.Write(new JsonObject { ["value"] = text, ["list"] = new JsonArray(new JsonObject { ["inner"] = text }) });
        var read = YamlReader.Documents(written).Single();
        Assert.Equal((text, text), (read.TextAt("value"), read.At("list")![0].TextAt("inner")));
    }

    [Fact]
    public void Documents_OfAFile_AreAllRead_EmptyOnesLeftOut() =>
        Assert.Equal(["a", "b"], YamlReader.Documents("---\nname: a\n---\n---\nname: b\n").Select(d => d.TextAt("name")));

    [Theory]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("a: [\n")]
    [InlineData("- a\n")]
    public void Documents_OfWhatIsNoMapping_AreRefused(string text) => Assert.Throws<FormatException>(() => YamlReader.Documents(text));
}
