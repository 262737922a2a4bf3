using System.Text;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>A word of a host's line, which Ansible splits as a POSIX shell would (Python's shlex, with comments).</summary>
/// <param name="Text">Without its quotes.</param>
/// <param name="Columns">Where each character of it stood, 1-based, and where the word ended.</param>
internal sealed record IniWord(string Text, IReadOnlyList<int> Columns)
{
    /// <summary>A line's words. A <c>#</c> begins a comment anywhere but in quotes, in the middle of a word too.</summary>
    /// <param name="line">The line.</param>
    /// <param name="problem">Called with a column and a message; the words until there are given all the same.</param>
    public static List<IniWord> Split(string line, Action<int, string> problem)
    {
        var words = new List<IniWord>();
        for (var at = 0; at < line.Length && line[at] != '#';)
        {
            if (IsSpace(line[at]))
            {
                at++;
            }
            else
            {
                var (word, next) = One(line, at, problem);
                words.Add(word);
                at = next;
            }
        }

        return words;
    }

    private static (IniWord Word, int Next) One(string line, int from, Action<int, string> problem)
    {
        var text = new StringBuilder();
        var columns = new List<int>();
        var quote = '\0';
        var opened = from;
        var at = from;
        for (; at < line.Length; at++)
        {
            var letter = line[at];
            if (quote == '\0' && (IsSpace(letter) || letter == '#'))
            {
                break;
            }

            if (letter == quote)
            {
                quote = '\0';
            }
            else if (quote == '\0' && letter is '"' or '\'')
            {
                (quote, opened) = (letter, at);
            }
            else if (letter == '\\' && quote != '\'')
            {
                if (++at == line.Length)
                {
                    problem(at, "found a backslash at the end of the line, expected a character after it");
                    break;
                }

                // Between double quotes a backslash is one, unless a quote or another one follows.
                if (quote == '"' && line[at] is not ('"' or '\\'))
                {
                    text.Append('\\');
                    columns.Add(at);
                }

                text.Append(line[at]);
                columns.Add(at + 1);
            }
            else
            {
                text.Append(letter);
                columns.Add(at + 1);
            }
        }

        if (quote != '\0')
        {
            problem(opened + 1, $"found a {quote} that is not closed, expected another one on the same line");
        }

        columns.Add(at + 1);
        return (new(text.ToString(), columns), at);
    }

    // The wide space of Japanese is a letter to shlex.
    private static bool IsSpace(char letter) => letter is ' ' or '\t';
}
