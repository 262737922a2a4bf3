using EtcdFleet.Coordinator.Output;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Output;

public sealed class TextDiffTests
{
    [Fact]
    public void Lines_EqualTexts_AreNone() => Assert.Empty(TextDiff.Lines("a\nb\n", "a\nb\n"));

    [Fact]
    public void Lines_OneChangeInTheMiddle_HasThreeLinesAroundIt() => Assert.Equal(
        ["…", " 3", " 4", " 5", "-6", "+six", " 7", " 8", " 9", "…"],
        TextDiff.Lines("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", "1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\n11"));

    [Fact]
    public void Lines_ChangesAtBothEnds_LeaveOutTheMiddle() => Assert.Equal(
        ["-1", "+one", " 2", " 3", " 4", "…", " 8", " 9", " 10", "-11", "+eleven"],
        TextDiff.Lines("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", "one\n2\n3\n4\n5\n6\n7\n8\n9\n10\neleven"));
}
