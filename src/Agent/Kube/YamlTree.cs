using EtcdFleet.Agent.Verbs.EtcdEnv;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EtcdFleet.Agent.Kube;

/// <summary>A YAML document as plain maps, lists and texts, built within limits.</summary>
/// <remarks>Built from the parser's events and not from its object model: that one hashes whole subtrees as keys, which a few
/// nested aliases make endless. Here keys are texts, and an alias is the node itself, never a copy; it counts as much as one, because whoever walks
/// or prints the tree meets all of it again.</remarks>
internal abstract class YamlTree(int line)
{
    private const int MaxDepth = 64;
    private const int MaxNodes = 20_000;
    private const string StandardTags = "tag:yaml.org,2002:";

    /// <summary>Where it begins, counted from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Reads one document.</summary>
    /// <exception cref="FormatException">It is not YAML, has more than one document, or goes beyond the limits; the message says where.</exception>
    public static YamlTree Load(string text)
    {
        using var reader = new StringReader(text);
        var builder = new Builder(new Parser(reader));
        try
        {
            return builder.Document();
        }
        catch (YamlException problem)
        {
            throw new FormatException($"line {problem.Start.Line}: {EnvValue.Printable(problem.Message)}", problem);
        }
        catch (Exception problem) when (problem is not (FormatException or OutOfMemoryException))
        {
            // The parser is a library fed with a file that anybody may have written: whatever it throws is the file's fault.
            throw new FormatException($"the parser gave up: {EnvValue.Printable(problem.Message)}", problem);
        }
    }

    internal sealed class Scalar(int line, string text, bool isNull) : YamlTree(line)
    {
        public string Text { get; } = text;

        /// <summary>A plain null, which Kubernetes reads as "not set".</summary>
        public bool IsNull { get; } = isNull;
    }

    internal sealed class Mapping(int line, IReadOnlyDictionary<string, YamlTree> items) : YamlTree(line)
    {
        public IReadOnlyDictionary<string, YamlTree> Items { get; } = items;
    }

    internal sealed class Sequence(int line, IReadOnlyList<YamlTree> items) : YamlTree(line)
    {
        public IReadOnlyList<YamlTree> Items { get; } = items;
    }

    private sealed class Builder(IParser parser)
    {
        private readonly Dictionary<AnchorName, (YamlTree Node, int Nodes)> _anchors = [];
        private int _nodes;

        public YamlTree Document()
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                throw new FormatException("the file is empty, expected a manifest");
            }

            var root = Node(0);
            parser.Consume<DocumentEnd>();
            return parser.TryConsume<DocumentStart>(out var second)
                ? throw new FormatException($"line {second.Start.Line}: a second document begins, expected one; the kubelet reads the first alone")
                : root;
        }

        private YamlTree Node(int depth)
        {
            var before = _nodes;
            Count(1, depth);
            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                if (!_anchors.TryGetValue(alias.Value, out var known))
                {
                    throw new FormatException($"line {alias.Start.Line}: alias *{EnvValue.Printable(alias.Value.Value)} has no anchor before it");
                }

                Count(known.Nodes, depth);
                return known.Node;
            }

            var (anchor, node) = parser.Current switch
            {
                YamlDotNet.Core.Events.Scalar => Text(),
                SequenceStart => List(depth),
                MappingStart => Map(depth),
                _ => throw new FormatException($"line {Line()}: expected a value"),
            };
            if (!anchor.IsEmpty)
            {
                _anchors[anchor] = (node, _nodes - before);
            }

            return node;
        }

        private void Count(int nodes, int depth)
        {
            _nodes += nodes;
            if (depth > MaxDepth || _nodes > MaxNodes)
            {
                throw new FormatException($"line {Line()}: more than {MaxDepth} levels or {MaxNodes} nodes, expected a manifest of a few dozen lines");
            }
        }

        private (AnchorName Anchor, YamlTree Node) Text()
        {
            var scalar = parser.Consume<YamlDotNet.Core.Events.Scalar>();
            Known(scalar);
            var isNull = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
            return (scalar.Anchor, new Scalar(LineOf(scalar), scalar.Value, isNull));
        }

        private (AnchorName Anchor, YamlTree Node) List(int depth)
        {
            var start = parser.Consume<SequenceStart>();
            Known(start);
            var items = new List<YamlTree>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(depth + 1));
            }

            return (start.Anchor, new Sequence(LineOf(start), items));
        }

        private (AnchorName Anchor, YamlTree Node) Map(int depth)
        {
            var start = parser.Consume<MappingStart>();
            Known(start);
            var items = new Dictionary<string, YamlTree>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var line = Line();
                if (Node(depth + 1) is not Scalar key)
                {
                    throw new FormatException($"line {line}: a key is a list or a map, expected a word");
                }

                if (key.Text == "<<")
                {
                    throw new FormatException($"line {line}: a merge key (<<), expected every field written out");
                }

                if (!items.TryAdd(key.Text, Node(depth + 1)))
                {
                    throw new FormatException($"line {line}: the key '{EnvValue.Printable(key.Text)}' stands twice in one map, expected it once");
                }
            }

            return (start.Anchor, new Mapping(LineOf(start), items));
        }

        private static void Known(NodeEvent node)
        {
            if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific
                && (!node.Tag.Value.StartsWith(StandardTags, StringComparison.Ordinal) || node.Tag.Value.EndsWith(":binary", StringComparison.Ordinal)))
            {
                throw new FormatException($"line {LineOf(node)}: the tag {EnvValue.Printable(node.Tag.Value)}, expected none");
            }
        }

        private int Line() => parser.Current is { } current ? LineOf(current) : 0;

        private static int LineOf(ParsingEvent node) => (int)node.Start.Line;
    }
}
