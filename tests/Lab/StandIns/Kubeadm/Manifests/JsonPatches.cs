using System.Globalization;
using System.Text.Json.Nodes;
using EtcdFleet.Lab.StandIns.Documents;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Manifests;

/// <summary>The three kinds of patches that Kubernetes knows, as far as Pods need them.</summary>
internal static class JsonPatches
{
    /// <summary>By which the items of a list are told apart in a strategic patch; other lists are replaced.</summary>
    private static readonly Dictionary<string, string> MergeKeys = new()
    {
        ["containers"] = "name", ["initContainers"] = "name", ["env"] = "name", ["volumes"] = "name", ["volumeMounts"] = "mountPath", ["ports"] = "containerPort", ["hostAliases"] = "ip", ["tolerations"] = "key",
    };

    /// <summary>A merge patch (RFC 7386): null removes, lists are replaced.</summary>
    public static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject mapping ? mapping.Copy() : [];
        foreach (var (name, value) in changes)
        {
            SetOrRemove(result, name, value is null ? null : Merge(result[name], value));
        }

        return result;
    }

    /// <summary>A strategic merge patch: lists of named things are merged by name; <c>$patch: delete</c> and <c>replace</c> do what they say.</summary>
    public static JsonNode? Strategic(JsonNode? target, JsonNode? patch, string field = "")
    {
        switch (patch)
        {
            case JsonObject changes when changes.TextAt("$patch") == "replace":
                var whole = changes.Copy();
                whole.Remove("$patch");
                return whole;
            case JsonObject changes:
                var result = target is JsonObject mapping ? mapping.Copy() : [];
                foreach (var (name, value) in changes)
                {
                    SetOrRemove(result, name, value is null ? null : Strategic(result[name], value, name));
                }

                return result;
            case JsonArray items when MergeKeys.TryGetValue(field, out var key) && items.All(i => i is JsonObject):
                return StrategicList(target as JsonArray ?? [], items, key);
            default:
                return patch?.DeepClone();
        }
    }

    /// <summary>A JSON patch (RFC 6902): add, replace, remove and test.</summary>
    /// <exception cref="FormatException">A path is not there, or a test fails.</exception>
    public static JsonNode Operations(JsonNode target, JsonArray operations)
    {
        var result = target.DeepClone();
        foreach (var operation in operations)
        {
            var path = operation.TextAt("path");
            var steps = path.Split('/').Skip(1).Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
            var owner = steps.SkipLast(1).Aggregate(result, (node, step) => Child(node, step) ?? throw new FormatException($"{path} is not there"));
            Apply(owner, steps[^1], operation.TextAt("op"), operation.At("value")?.DeepClone(), path);
        }

        return result;
    }

    private static void Apply(JsonNode owner, string step, string operation, JsonNode? value, string path)
    {
        var there = Child(owner, step);
        switch (operation, owner)
        {
            case ("test", _) when JsonNode.DeepEquals(there, value):
                break;
            case ("add", JsonArray list):
                list.Insert(step == "-" ? list.Count : Index(step), value);
                break;
            case ("add", JsonObject mapping):
                mapping[step] = value;
                break;
            case ("replace", JsonObject mapping) when mapping.ContainsKey(step):
                mapping[step] = value;
                break;
            case ("replace", JsonArray list) when there is not null:
                list[Index(step)] = value;
                break;
            case ("remove", JsonArray list) when there is not null:
                list.RemoveAt(Index(step));
                break;
            case ("remove", JsonObject mapping) when mapping.Remove(step):
                break;
            default:
                throw new FormatException($"{operation} operation does not apply: {path}");
        }
    }

    private static JsonArray StrategicList(JsonArray target, JsonArray patch, string key)
    {
        var result = target.Select(t => t?.DeepClone()).ToList();
        var added = new List<JsonNode?>();
        foreach (var change in patch.OfType<JsonObject>())
        {
            var index = result.FindIndex(r => JsonNode.DeepEquals(r.At(key), change[key]));
            if (change.TextAt("$patch") == "delete")
            {
                result.RemoveAll(r => JsonNode.DeepEquals(r.At(key), change[key]));
            }
            else if (index >= 0)
            {
                result[index] = Strategic(result[index], change);
            }
            else
            {
                added.Add(change.DeepClone());
            }
        }

        // Kubernetes puts what is new before what was there.
        return [.. added, .. result];
    }

    private static void SetOrRemove(JsonObject owner, string name, JsonNode? value)
    {
        if (value is null)
        {
            owner.Remove(name);
        }
        else
        {
            owner[name] = value;
        }
    }

    private static JsonNode? Child(JsonNode? node, string step) => node switch
    {
        JsonObject mapping => mapping[step],
        JsonArray list when step != "-" && Index(step) is var index && index < list.Count => list[index],
        _ => null,
    };

    private static int Index(string step) => int.TryParse(step, CultureInfo.InvariantCulture, out var index) ? index : throw new FormatException($"'{step}' is no index of a list");
}
