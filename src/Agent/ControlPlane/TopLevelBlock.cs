namespace EtcdFleet.Agent.ControlPlane;

/// <summary>A top-level field of a YAML text with everything below it, as a range of the text. Every byte outside of it stays as it is.</summary>
internal static class TopLevelBlock
{
    /// <summary>From the field's own line to its last one; null where there is no such field. Blank lines and comments that follow belong to what comes next.</summary>
    public static Range? Find(string text, string field)
    {
        (int Start, int End)? block = null;
        foreach (var (line, end) in Lines(text))
        {
            if (block is null)
            {
                block = Key(text.AsSpan(line, end - line)) is var key && key.SequenceEqual(field) ? (line, end) : null;
            }
            else if (KindOf(text.AsSpan(line, end - line)) is var kind and not Kind.Nothing)
            {
                if (kind == Kind.Other)
                {
                    break;
                }

                block = (block.Value.Start, end);
            }
        }

        return block is var (first, last) ? first..last : null;
    }

    /// <summary>The text with another block in the field's place. A field that is not there yet comes where kubeadm would write it: before the first one that sorts after it.</summary>
    /// <param name="text">The document.</param>
    /// <param name="field">The field.</param>
    /// <param name="block">Its lines; empty: the field is taken out.</param>
    public static string Exchange(string text, string field, string block)
    {
        var place = Find(text, field) ?? Before(text, field);
        var (head, tail) = (text[..place.Start], text[place.End..]);
        if (block.Length > 0)
        {
            head += head.Length > 0 && head[^1] != '\n' ? "\n" : "";
            block += tail.Length > 0 && block[^1] != '\n' ? "\n" : "";
        }

        return $"{head}{block}{tail}";
    }

    private static Range Before(string text, string field)
    {
        foreach (var (line, end) in Lines(text))
        {
            if (Key(text.AsSpan(line, end - line)) is { Length: > 0 } key && key.CompareTo(field, StringComparison.Ordinal) > 0)
            {
                return line..line;
            }
        }

        return text.Length..text.Length;
    }

    /// <summary>Each line with its end.</summary>
    private static IEnumerable<(int Start, int End)> Lines(string text)
    {
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = text.IndexOf('\n', start) is var newline and >= 0 ? newline + 1 : text.Length;
            yield return (start, end);
        }
    }

    /// <summary>The plain key that a line begins at the margin; empty where it begins none.</summary>
    private static ReadOnlySpan<char> Key(ReadOnlySpan<char> line) =>
        line.Length > 0 && char.IsAsciiLetter(line[0]) && line.IndexOf(':') is var colon and > 0 ? line[..colon].TrimEnd(' ') : [];

    private static Kind KindOf(ReadOnlySpan<char> line) => line.Trim() switch
    {
        [] or ['#', ..] => Kind.Nothing,
        // Entries of a list may stand at the margin, and belong to the field above them.
        ['-'] or ['-', ' ', ..] => Kind.Inside,
        _ => char.IsWhiteSpace(line[0]) ? Kind.Inside : Kind.Other,
    };

    private enum Kind
    {
        Nothing,
        Inside,
        Other,
    }
}
