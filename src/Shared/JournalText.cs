namespace EtcdFleet.Shared;

/// <summary>The lines of a run's journal as they lie on a disk, of the coordinator or of an agent.</summary>
/// <remarks>
/// A writer that died, or a machine that lost power, leaves at most a torn end: part of a line, a line without its break, or the zeros
/// that ext4 shows where the data never came. That is left out: nobody had acted on it. Anything else is damage, and nothing is guessed.
/// </remarks>
public sealed class JournalText
{
    private JournalText(IReadOnlyList<ReadOnlyMemory<byte>> raw, IReadOnlyList<JournalLine> lines, int length) => (Raw, Lines, Length) = (raw, lines, length);

    /// <summary>The whole lines' bytes, without their breaks.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Raw { get; }

    /// <summary>What they say.</summary>
    public IReadOnlyList<JournalLine> Lines { get; }

    /// <summary>Bytes up to the end of the last whole line: whoever goes on writing begins here.</summary>
    public int Length { get; }

    /// <summary>The run came to its end.</summary>
    public bool Ended => Lines is [.., { Kind: JournalLine.Ended }];

    /// <summary>Reads what is there.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="name">What the file is called in messages.</param>
    /// <exception cref="InvalidDataException">A line before the last is damaged, or a sequence number is missing or comes twice.</exception>
    public static JournalText Read(ReadOnlyMemory<byte> content, string name)
    {
        var (raw, lines, at) = (new List<ReadOnlyMemory<byte>>(), new List<JournalLine>(), 0);
        while (at < content.Length)
        {
            var rest = content[at..];
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? null : JournalLine.Parse(rest[..end]);
            if (line is null)
            {
                if (end < 0 || rest.Span[end..].IndexOfAnyExcept((byte)'\n', (byte)0) < 0)
                {
                    break; // torn: nothing comes after it
                }

                throw new InvalidDataException($"{name}:{lines.Count + 1} is damaged: it is no record of a journal, and others come after it");
            }

            if (line.Seq != lines.Count + 1)
            {
                throw new InvalidDataException($"{name}:{lines.Count + 1} is damaged: it has the sequence number {line.Seq}, expected {lines.Count + 1}");
            }

            raw.Add(rest[..end]);
            lines.Add(line);
            at += end + 1;
        }

        return new(raw, lines, at);
    }
}
