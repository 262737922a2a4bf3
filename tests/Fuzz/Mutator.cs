using System.Text;

namespace EtcdFleet.Fuzz;

/// <summary>Makes inputs out of a corpus: the same ones for the same seed.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, IReadOnlyList<string> words, int seed)
{
    /// <summary>An input that was interesting may grow no further than this.</summary>
    private const int Longest = 64 * 1024;

    private static readonly string[] Everywhere =
    [
        "\n", "\r\n", "\t", " ", "\0", "\"", "'", "\\", "$", "#", ":", ": ", "- ", "? ", "=", ",", "[", "]", "{", "}", "&a ", "*a", "!!x ", "|\n", ">-\n", "---\n", "...\n", "%", "~", "null", "true", "<<: ",
        "..", "/", "-1", "0", "4294967296", "18446744073709551616", "1e999", "NaN", "\u0085", "\u2028", "\uFEFF", "\uFFFD", "\u0001", "é", "あ", "\U0001F600",
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var input = new List<byte>(corpus[_random.Next(corpus.Count)]);
        for (var changes = Changes(); changes > 0; changes--)
        {
            Change(input);
        }

        return [.. input.Take(Longest)];
    }

    /// <summary>Most often few, so that the input stays near to something that is understood.</summary>
    private int Changes() => _random.Next(8) switch { 0 => 0, < 6 => _random.Next(1, 5), _ => _random.Next(5, 40) };

    private void Change(List<byte> input)
    {
        var at = _random.Next(input.Count + 1);
        switch (_random.Next(11))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                input.RemoveRange(at, Math.Min(_random.Next(1, 40), input.Count - at));
                break;
            case 3:
                input.InsertRange(at, Part(input));
                break;
            case 4:
                Repeat(input, at);
                break;
            case 5:
                Put(input, at, Part([.. corpus[_random.Next(corpus.Count)]]));
                break;
            case 6:
                input.RemoveRange(at, input.Count - at);
                break;
            case 7:
                SwapLines(input);
                break;
            case 8:
                Put(input, at, Encoding.UTF8.GetBytes(Everywhere[_random.Next(Everywhere.Length)]));
                break;
            default:
                Put(input, at, Encoding.UTF8.GetBytes(words.Count == 0 ? Everywhere[_random.Next(Everywhere.Length)] : words[_random.Next(words.Count)]));
                break;
        }
    }

    private List<byte> Part(List<byte> from)
    {
        var start = _random.Next(from.Count + 1);
        return from.GetRange(start, Math.Min(_random.Next(1, 80), from.Count - start));
    }

    /// <summary>Over what is there, or in between.</summary>
    private void Put(List<byte> input, int at, IReadOnlyCollection<byte> what)
    {
        if (_random.Next(2) == 0)
        {
            input.RemoveRange(at, Math.Min(what.Count, input.Count - at));
        }

        input.InsertRange(at, what);
    }

    /// <summary>A part many times over: depth, width and length are where limits are forgotten.</summary>
    private void Repeat(List<byte> input, int at)
    {
        var part = Part(input);
        var times = _random.Next(4) == 0 ? _random.Next(1, 2000) : _random.Next(1, 8);
        for (; times > 0 && input.Count + part.Count < Longest; times--)
        {
            input.InsertRange(at, part);
        }
    }

    private void SwapLines(List<byte> input)
    {
        var lines = Encoding.Latin1.GetString([.. input]).Split('\n');
        var (one, other) = (_random.Next(lines.Length), _random.Next(lines.Length));
        (lines[one], lines[other]) = (lines[other], lines[one]);
        input.Clear();
        input.AddRange(Encoding.Latin1.GetBytes(string.Join('\n', lines)));
    }
}
