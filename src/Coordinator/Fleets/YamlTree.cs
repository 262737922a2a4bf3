using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdFleet.Coordinator.Fleets;

/// <summary>Reads YAML into parts with their places. From the parser's events: no reflection, and nothing is guessed about types.</summary>
internal static class YamlTree
{
    private const int DeepestNesting = 32;

    /// <summary>The document's root, or null when the text cannot be read as one YAML document or is empty.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="problem">Called with line, column and message for everything that is wrong on this level.</param>
    public static YamlPart? Read(string text, Action<int, int, string> problem)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
            {
                return null;
            }

            parser.Consume<DocumentStart>();
            var root = Part(parser, problem, 0);
            parser.Consume<DocumentEnd>();
            if (parser.Current is DocumentStart second)
            {
                problem((int)second.Start.Line, (int)second.Start.Column, "found a second YAML document, expected one");
            }

            return root;
        }
        catch (Exception error) when (IsParsers(error))
        {
            var at = error is YamlException { Start: var start } ? start : parser.Current?.End ?? Mark.Empty;
            problem((int)Math.Max(1, at.Line), (int)Math.Max(1, at.Column), $"found no valid YAML: {FirstLine(error.Message)}");
            return null;
        }
    }

    /// <summary>Some texts that are not YAML make YamlDotNet's scanner stumble over its own state instead.</summary>
    public static bool IsParsers(Exception error) => error is YamlException or InvalidOperationException;

    private static YamlPart Part(Parser parser, Action<int, int, string> problem, int depth)
    {
        var (line, column) = ((int)parser.Current!.Start.Line, (int)parser.Current.Start.Column);
        if (depth > DeepestNesting)
        {
            throw new YamlException(parser.Current.Start, parser.Current.End, $"nested deeper than {DeepestNesting}");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new YamlPart.Scalar(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            problem(line, column, $"found the alias *{alias.Value}, expected the value itself: anchors and aliases are not read here");
            return new YamlPart.Scalar(line, column, "", true);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<YamlPart>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Part(parser, problem, depth + 1));
            }

            return new YamlPart.Sequence(line, column, items);
        }

        parser.Consume<MappingStart>();
        return new YamlPart.Mapping(line, column, Entries(parser, problem, depth));
    }

    private static List<(YamlPart.Scalar Key, YamlPart Value)> Entries(Parser parser, Action<int, int, string> problem, int depth)
    {
        var entries = new List<(YamlPart.Scalar Key, YamlPart Value)>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Part(parser, problem, depth + 1);
            var value = Part(parser, problem, depth + 1);
            if (key is not YamlPart.Scalar name)
            {
                problem(key.Line, key.Column, $"found {key.Kind} as a key, expected a word");
            }
            else if (!lines.TryAdd(name.Value, name.Line))
            {
                problem(name.Line, name.Column, $"found the key '{name.Value}' a second time, expected it once (first on line {lines[name.Value]})");
            }
            else
            {
                entries.Add((name, value));
            }
        }

        return entries;
    }

    /// <summary>What a message of the parser says, without the place at its beginning.</summary>
    public static string FirstLine(string message)
    {
        // YamlDotNet puts the place before its words; ours stands there already.
        var text = message.Split('\n')[0];
        var words = text.LastIndexOf("): ", StringComparison.Ordinal);
        return words < 0 ? text : text[(words + 3)..];
    }
}
