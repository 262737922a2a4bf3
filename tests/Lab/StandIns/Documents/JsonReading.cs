using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.StandIns.Documents;

/// <summary>Reading and making of JSON without types for it.</summary>
internal static class JsonReading
{
    /// <summary>What stands at a path of names; null when any part of it is not there.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>The text at a path; empty when there is none.</summary>
    public static string TextAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    /// <summary>The whole number at a path; 0 when there is none.</summary>
    public static long NumberAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.TryGetValue<long>(out var number) ? number : value.TryGetValue<int>(out var small) ? small : 0 // made here, a number is of the type that it was made of
            : 0;

    /// <summary>True when true stands at a path.</summary>
    public static bool FlagAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The texts of the list at a path; none when there is no list.</summary>
    public static IReadOnlyList<string> TextsAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is JsonArray list ? [.. list.Select(i => i.TextAt())] : [];

    /// <summary>The mapping of that name, made when it is not there.</summary>
    public static JsonObject Made(this JsonObject node, string name)
    {
        if (node[name] is JsonObject there)
        {
            return there;
        }

        var made = new JsonObject();
        node[name] = made;
        return made;
    }

    /// <summary>Sets a text where none stands.</summary>
    public static void Default(this JsonObject node, string name, string value)
    {
        if (node.TextAt(name).Length == 0)
        {
            node[name] = value;
        }
    }

    /// <summary>A list of texts.</summary>
    public static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => JsonValue.Create(t))];

    /// <summary>A list of mappings.</summary>
    public static JsonArray Objects(IEnumerable<JsonObject> objects) => [.. objects];

    /// <summary>A copy without parent.</summary>
    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();
}
