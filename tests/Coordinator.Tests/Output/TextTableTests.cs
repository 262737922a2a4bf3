using EtcdFleet.Coordinator.Output;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Lines_ColumnsAreAsWideAsTheirWidestCell() => Assert.Equal(
        [
            "node  member id",
            "----  ---------",
            "cp1   8e9e05c5",
            "cp22",
        ],
        TextTable.Lines(["node", "member id"], [["cp1", "8e9e05c5"], ["cp22", ""]]));

    [Fact]
    public void Lines_ARowThatIsShortOrHasLines_StaysOneLine() => Assert.Equal(
        ["a      b", "-----  -", "x y z"],
        TextTable.Lines(["a", "b"], [["x\ny\r\nz"]]));
}
