namespace EtcdFleet.Agent.ControlPlane;

/// <summary>A top-level field of a YAML text with everything below it, as a range of the text.</summary>
internal static class TopLevelBlock
{
    /// <summary>From the field's own line to the next line that begins another field or a comment of its own; null where there is no such field.</summary>
    public static Range? Find(string text, string field)
    {
        int? start = null;
        var at = 0;
        while (at < text.Length)
        {
            var end = text.IndexOf('\n', at) is var newline and >= 0 ? newline + 1 : text.Length;
            var line = text.AsSpan(at, end - at);
            if (start is not null && BeginsSomethingElse(line))
            {
                return start.Value..at;
            }

            if (start is null && line.StartsWith(field, StringComparison.Ordinal) && line[field.Length..].TrimStart(' ').StartsWith(":", StringComparison.Ordinal))
            {
                start = at;
            }

            at = end;
        }

        return start is { } open ? open..text.Length : null;
    }

    /// <summary>Entries of a list may stand at the margin, and belong to the field above them.</summary>
    private static bool BeginsSomethingElse(ReadOnlySpan<char> line) =>
        line.Length > 0 && !char.IsWhiteSpace(line[0]) && !(line[0] == '-' && (line.Length == 1 || char.IsWhiteSpace(line[1])));
}
