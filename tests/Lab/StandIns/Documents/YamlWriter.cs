using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EtcdFleet.Lab.StandIns.Documents;

/// <summary>JSON as YAML in the manner of Kubernetes' programs: keys sorted, lists not indented, quotes only where they are needed.</summary>
internal static partial class YamlWriter
{
    /// <summary>A whole document, with a line end.</summary>
    public static string Write(JsonNode node)
    {
        var text = new StringBuilder();
        WriteValue(text, node, "");
        return text.ToString();
    }

    /// <summary>Several documents, as kubeadm joins them.</summary>
    public static string WriteAll(IEnumerable<JsonNode> documents) => string.Join("---\n", documents.Select(Write));

    private static void WriteValue(StringBuilder text, JsonNode? node, string indent)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } mapping:
                var first = true;
                foreach (var (key, value) in mapping.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    // The first key of a mapping in a list stands behind the dash.
                    text.Append(first && text.Length > 0 && text[^1] == ' ' ? "" : indent).Append(Scalar(key)).Append(':');
                    first = false;
                    WriteMember(text, value, indent);
                }

                break;
            case JsonArray { Count: > 0 } list:
                foreach (var item in list)
                {
                    text.Append(indent).Append("- ");
                    WriteItem(text, item, indent);
                }

                break;
            default:
                text.Append(Inline(node)).Append('\n');
                break;
        }
    }

    private static void WriteMember(StringBuilder text, JsonNode? value, string indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 }:
                text.Append('\n');
                WriteValue(text, value, indent + "  ");
                break;
            case JsonArray { Count: > 0 }:
                text.Append('\n');
                WriteValue(text, value, indent);
                break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.String && v.GetValue<string>() is var words && words.Contains('\n', StringComparison.Ordinal):
                text.Append(words.EndsWith('\n') ? " |\n" : " |-\n");
                foreach (var line in words.TrimEnd('\n').Split('\n'))
                {
                    text.Append(line.Length == 0 ? "" : indent + "  ").Append(line).Append('\n');
                }

                break;
            default:
                text.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void WriteItem(StringBuilder text, JsonNode? item, string indent)
    {
        if (item is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            WriteValue(text, item, indent + "  ");
        }
        else
        {
            text.Append(Inline(item)).Append('\n');
        }
    }

    private static string Inline(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => Scalar(value.GetValue<string>()),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => value.ToJsonString(),
        },
        _ => throw new FormatException($"{node.GetValueKind()} cannot be written as YAML"),
    };

    private static string Scalar(string text) => NeedsQuotes(text) ? $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"" : text;

    private static bool NeedsQuotes(string text) => text.Length == 0
        || text != text.Trim()
        || Reserved().IsMatch(text)
        || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        || text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal) || text.EndsWith(':')
        || text[0] is '-' && (text.Length == 1 || text[1] == ' ')
        || "[]{},#&*!|>'\"%@`?".Contains(text[0], StringComparison.Ordinal)
        || text.Any(char.IsControl);

    /// <summary>Words that YAML 1.1 reads as something else than text.</summary>
    [GeneratedRegex("^(?:y|n|yes|no|on|off|true|false|null|~|0x[0-9a-f]+|0o?[0-7]+|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
