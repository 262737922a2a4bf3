using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdFleet.Coordinator.Fleets.Ansible;

/// <summary>Reads YAML as Ansible does: with anchors, merges and tags. Its files hold much that is nobody's business here, so what is not
/// read becomes <see cref="YamlPart.Unreadable"/>, an error only where the value is wanted.</summary>
internal sealed class AnsibleYaml
{
    private const int DeepestNesting = 32;

    /// <summary>Aliases of aliases can stand for any number of values.</summary>
    private const int MostValues = 100_000;

    private readonly Parser _parser;
    private readonly string _file;
    private readonly Dictionary<string, (YamlPart Part, int Height, int Values)> _anchors = [];
    private int _values;

    private AnsibleYaml(string text, string file)
    {
        // Tabs are allowed in JSON between values, and nowhere else; YAML's parser takes them amiss.
        _parser = new Parser(new StringReader(text.TrimStart().StartsWith('{') ? text.Replace('\t', ' ') : text));
        _file = file;
    }

    /// <summary>The document's root; null when there is none, or the text is not YAML.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="file">What messages call it.</param>
    /// <param name="problem">Called when the text cannot be read.</param>
    public static YamlPart? Read(string text, string file, Action<TextPlace, string> problem)
    {
        var reader = new AnsibleYaml(text, file);
        try
        {
            return reader.Document(problem);
        }
        catch (Exception error) when (YamlTree.IsParsers(error))
        {
            var at = error is YamlException { Start: var start } ? start : reader._parser.Current?.End ?? Mark.Empty;
            problem(new(file, (int)Math.Max(1, at.Line), (int)Math.Max(1, at.Column)), $"found no valid YAML: {YamlTree.FirstLine(error.Message)}");
            return null;
        }
    }

    private YamlPart? Document(Action<TextPlace, string> problem)
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var (root, _) = Part(0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Current is DocumentStart second)
        {
            problem(new(_file, (int)second.Start.Line, (int)second.Start.Column), "found a second YAML document, expected one");
        }

        return root;
    }

    private (YamlPart Part, int Height) Part(int depth)
    {
        var start = _parser.Current!.Start;
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!_anchors.TryGetValue(alias.Value.Value, out var target))
            {
                throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} has no anchor before it");
            }

            Count(target.Values, depth + target.Height, alias);
            return (target.Part, target.Height);
        }

        var before = _values;
        if (_parser.Current is not NodeEvent { Anchor: var anchor, Tag: var tag })
        {
            // A key without a name (": value") gives the parser's events an odd number.
            throw new YamlException(start, _parser.Current.End, "a value is missing, or a key");
        }

        Count(1, depth, _parser.Current);
        var (part, height) = _parser.TryConsume<Scalar>(out var scalar) ? (AnsibleTags.Of(scalar), 0) : _parser.TryConsume<SequenceStart>(out _) ? Sequence(start, depth) : Mapping(start, depth);
        part = AnsibleTags.Judge(part, tag) with { File = _file };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = (part, height, _values - before);
        }

        return (part, height);
    }

    private (YamlPart Part, int Height) Sequence(Mark start, int depth)
    {
        var items = new List<YamlPart>();
        var height = 0;
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            var (item, below) = Part(depth + 1);
            items.Add(item);
            height = Math.Max(height, below + 1);
        }

        return (new YamlPart.Sequence((int)start.Line, (int)start.Column, items), height);
    }

    private (YamlPart Part, int Height) Mapping(Mark start, int depth)
    {
        var (line, column) = ((int)start.Line, (int)start.Column);
        _parser.Consume<MappingStart>();
        var entries = new MappingEntries();
        var height = 0;
        YamlPart? strange = null;
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var (key, aside) = Part(depth + 1);
            var at = _parser.Current!;
            var (value, below) = Part(depth + 1);
            height = Math.Max(height, Math.Max(aside, below) + 1);
            if (key is not YamlPart.Scalar name)
            {
                strange = new YamlPart.Unreadable(line, column, $"a mapping with {key.Kind} as a key (a value that begins with {{{{ has to be quoted)");
            }
            else if (name is { Plain: true, Value: "<<" })
            {
                if (!entries.Merge(value))
                {
                    throw new YamlException(at.Start, at.End, $"<< wants a mapping or a list of mappings, and this is {value.Kind}");
                }
            }
            else
            {
                entries.Add(name, value);
            }
        }

        return (strange ?? new YamlPart.Mapping(line, column, entries.All), height);
    }

    private void Count(int values, int depth, ParsingEvent at)
    {
        _values += values;
        if (depth > DeepestNesting || _values > MostValues)
        {
            throw new YamlException(at.Start, at.End, depth > DeepestNesting ? $"nested deeper than {DeepestNesting}" : $"more than {MostValues} values, counting aliases");
        }
    }
}
