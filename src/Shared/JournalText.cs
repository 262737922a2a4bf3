namespace EtcdFleet.Shared;

/// <summary>The lines of a run's journal as they lie on a disk, of the coordinator or of an agent.</summary>
/// <remarks>
/// A writer that died, or a machine that lost power, leaves at most a torn end: part of a line, a line without its break, or the zeros
/// that ext4 shows where the data never came. That is left out: nobody had acted on it. Anything else is damage, and nothing is guessed.
/// </remarks>
public sealed class JournalText
{
    private readonly ReadOnlyMemory<byte> _content;
    private readonly List<int> _ends;
    private readonly List<JournalLine> _lines;

    private JournalText(ReadOnlyMemory<byte> content, List<int> ends, List<JournalLine> lines) => (_content, _ends, _lines) = (content, ends, lines);

    /// <summary>All that was read, a torn end included.</summary>
    public ReadOnlyMemory<byte> Content => _content;

    /// <summary>The whole lines' bytes, without their breaks.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Raw => Enumerable.Range(0, _ends.Count).Select(RawAt);

    /// <summary>What they say.</summary>
    public IReadOnlyList<JournalLine> Lines => _lines;

    /// <summary>Bytes up to the end of the last whole line: whoever goes on writing begins here.</summary>
    public int Length => _ends.Count == 0 ? 0 : _ends[^1] + 1;

    /// <summary>The run came to its end.</summary>
    public bool Ended => _lines is [.., { Kind: JournalLine.Ended }];

    /// <summary>One line's bytes.</summary>
    /// <param name="index">From 0 on.</param>
    public ReadOnlyMemory<byte> RawAt(int index) => _content[(index == 0 ? 0 : _ends[index - 1] + 1).._ends[index]];

    /// <summary>The same bytes as these.</summary>
    public bool Is(ReadOnlySpan<byte> content) => _content.Span.SequenceEqual(content);

    /// <summary>Reads what is there.</summary>
    /// <param name="content">The file's bytes.</param>
    /// <param name="name">What the file is called in messages.</param>
    /// <exception cref="InvalidDataException">A line before the last is damaged, or a sequence number is missing or comes twice.</exception>
    public static JournalText Read(ReadOnlyMemory<byte> content, string name) => Read(content, name, [], []);

    /// <summary>Reads on: what stands before <see cref="Length"/> is known.</summary>
    /// <param name="content">All of the file's bytes.</param>
    /// <param name="name">As before.</param>
    public JournalText Continue(ReadOnlyMemory<byte> content, string name) => Read(content, name, [.. _ends], [.. _lines]);

    private static JournalText Read(ReadOnlyMemory<byte> content, string name, List<int> ends, List<JournalLine> lines)
    {
        for (var at = ends.Count == 0 ? 0 : ends[^1] + 1; at < content.Length; at = ends[^1] + 1)
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

            ends.Add(at + end);
            lines.Add(line);
        }

        return new(content, ends, lines);
    }
}
