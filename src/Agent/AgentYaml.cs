using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdFleet.Agent;

/// <summary>The entries of agent.yaml, a flat mapping. From the parser's events: its object model recurses with the text, and a deep one would end the process.</summary>
internal static class AgentYaml
{
    private const int MaxDepth = 64;

    /// <summary>Every entry with its place; what is a list or a mapping has an empty value.</summary>
    /// <param name="yaml">The file's text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FormatException">It is no such mapping; the message says where.</exception>
    public static IReadOnlyList<AgentYamlEntry> Read(string yaml, string name)
    {
        try
        {
            return Entries(new Parser(new StringReader(yaml)), name);
        }
        catch (YamlException broken)
        {
            throw new FormatException($"{At(name, broken.Start)}: {broken.Message}", broken);
        }
        catch (Exception broken) when (broken is not (FormatException or OutOfMemoryException))
        {
            // Some texts that are not YAML make the parser stumble over its own state instead.
            throw new FormatException($"{name}:1:1: found no valid YAML ({broken.Message})", broken);
        }
    }

    private static List<AgentYamlEntry> Entries(Parser parser, string name)
    {
        var entries = new List<AgentYamlEntry>();
        parser.Consume<StreamStart>();
        if (!parser.TryConsume<DocumentStart>(out _))
        {
            return entries;
        }

        if (!parser.TryConsume<MappingStart>(out _))
        {
            throw NoMapping(name);
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var at = At(name, parser.Current?.Start ?? Mark.Empty);
            if (!parser.TryConsume<Scalar>(out var key))
            {
                throw new FormatException($"{at}: a key is a list or a mapping, expected a word, as in 'node: cp1'");
            }

            if (!keys.Add(key.Value))
            {
                throw new FormatException($"{at}: the key '{key.Value}' stands twice, expected it once");
            }

            entries.Add(new(key.Value, Value(parser, at), at));
        }

        parser.Consume<DocumentEnd>();
        return parser.TryConsume<DocumentStart>(out _) ? throw NoMapping(name) : entries;
    }

    /// <summary>What is nested is passed over, to a depth: the parser's time for a flow within flows grows with the square of it.</summary>
    private static string Value(Parser parser, string at)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return scalar.Value;
        }

        var depth = 0;
        do
        {
            depth += parser.Consume<ParsingEvent>().NestingIncrease;
            if (depth > MaxDepth)
            {
                throw new FormatException($"{at}: more than {MaxDepth} levels, expected a flat mapping, as in 'node: cp1'");
            }
        }
        while (depth > 0);
        return "";
    }

    private static FormatException NoMapping(string name) => new($"{name}: expected one YAML mapping, as in 'node: cp1'");

    private static string At(string name, Mark mark) => string.Create(CultureInfo.InvariantCulture, $"{name}:{Math.Max(1, mark.Line)}:{Math.Max(1, mark.Column)}");
}

/// <summary>One entry.</summary>
/// <param name="Key">Before the colon.</param>
/// <param name="Value">After it.</param>
/// <param name="At">FILE:LINE:COLUMN of the key.</param>
internal sealed record AgentYamlEntry(string Key, string Value, string At);
