using System.Text;

namespace EtcdFleet.Coordinator.Output;

/// <summary>A table as text: columns as wide as their widest cell, two blanks between them.</summary>
internal static class TextTable
{
    /// <summary>The lines, the columns' names first.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = columns.Select((name, column) => rows.Select(row => Cell(row, column).Length).Append(name.Length).Max()).ToList();
        yield return Line(columns, widths);
        yield return string.Join("  ", widths.Select(width => new string('-', width)));
        foreach (var row in rows)
        {
            yield return Line(row, widths);
        }
    }

    private static string Line(IReadOnlyList<string> cells, List<int> widths)
    {
        var line = new StringBuilder();
        for (var column = 0; column < widths.Count; column++)
        {
            line.Append(column == 0 ? "" : "  ").Append(Cell(cells, column).PadRight(widths[column]));
        }

        return line.ToString().TrimEnd();
    }

    // A cell is one line, whatever an agent has put into it.
    private static string Cell(IReadOnlyList<string> cells, int column) =>
        column < cells.Count ? cells[column].ReplaceLineEndings(" ") : "";
}
