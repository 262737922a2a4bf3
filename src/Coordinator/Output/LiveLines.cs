namespace EtcdFleet.Coordinator.Output;

/// <summary>The lines at the foot of a terminal that change while work goes on: one for every step at work, several nodes at a time.</summary>
/// <remarks>Not thread-safe: its reporter holds a lock. The cursor stands below the last line, except while drawing.</remarks>
internal sealed class LiveLines(TextWriter screen, Func<int> width)
{
    private int _drawn;

    /// <summary>Takes the lines off the screen, so that lasting ones can be written above.</summary>
    public void Erase()
    {
        if (_drawn > 0)
        {
            screen.Write($"\e[{_drawn}A\r\e[J");
            _drawn = 0;
        }
    }

    /// <summary>Replaces the lines on the screen.</summary>
    public void Draw(IReadOnlyCollection<string> lines)
    {
        if (lines.Count == 0 && _drawn == 0)
        {
            return;
        }

        var columns = Math.Max(20, width());
        var text = string.Concat(lines.Select(line => $"{Cut(line.ReplaceLineEndings(" "), columns - 1)}\n"));
        // In one write, so that the screen does not flicker.
        screen.Write(_drawn > 0 ? $"\e[{_drawn}A\r\e[J{text}" : text);
        _drawn = lines.Count;
    }

    // A line that wraps would be two on the screen, and the count would be wrong.
    private static string Cut(string line, int columns) => line.Length <= columns ? line : line[..(columns - 1)] + "…";
}
