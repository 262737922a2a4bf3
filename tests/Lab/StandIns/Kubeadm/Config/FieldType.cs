using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdFleet.Lab.StandIns.Kubeadm.Config;

/// <summary>What a field of a configuration may hold. kubeadm decodes strictly: other fields and other types are errors (FACTS 20).</summary>
internal abstract record FieldType
{
    public static FieldType Text { get; } = new ScalarType("string", JsonValueKind.String);

    public static FieldType Number { get; } = new ScalarType("int32", JsonValueKind.Number);

    public static FieldType Flag { get; } = new ScalarType("bool", JsonValueKind.True, JsonValueKind.False);

    /// <summary>Something that this kubeadm does not look into.</summary>
    public static FieldType Anything { get; } = new AnyType();

    public static FieldType Texts { get; } = new ListType(Text);

    /// <summary>v1beta4's flags: a list, in which a name may stand twice.</summary>
    public static FieldType Arguments { get; } = new ListType(Object("Arg", ("name", Text), ("value", Text)));

    public static FieldType Object(string name, params ReadOnlySpan<(string Name, FieldType Type)> fields)
    {
        var types = new Dictionary<string, FieldType>();
        foreach (var (field, type) in fields)
        {
            types[field] = type;
        }

        return new ObjectType(name, types);
    }

    public static FieldType List(FieldType item) => new ListType(item);

    public static FieldType Map(FieldType value) => new MapType(value);

    /// <summary>An object with more fields.</summary>
    public FieldType With(params ReadOnlySpan<(string Name, FieldType Type)> fields)
    {
        var all = ((ObjectType)this).Fields.ToDictionary();
        foreach (var (name, type) in fields)
        {
            all[name] = type;
        }

        return (ObjectType)this with { Fields = all };
    }

    /// <summary>An object with fewer fields.</summary>
    public FieldType Without(params IEnumerable<string> names) =>
        (ObjectType)this with { Fields = ((ObjectType)this).Fields.Where(f => !names.Contains(f.Key)).ToDictionary() };

    /// <summary>Collects what is not as it should be.</summary>
    /// <param name="value">What was found; null passes everywhere, as in Go.</param>
    /// <param name="path">Where it was found.</param>
    /// <param name="owner">The Go type that the field belongs to.</param>
    /// <param name="unknown">Fields that there are not.</param>
    /// <param name="mistyped">Fields that hold something else.</param>
    public abstract void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped);

    private static string KindOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.True or JsonValueKind.False => "bool",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static bool Is(JsonNode value, string go, string path, string owner, ICollection<string> mistyped, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (kinds.Contains(value.GetValueKind()))
        {
            return true;
        }

        mistyped.Add($"json: cannot unmarshal {KindOf(value)} into Go struct field {owner}.{path} of type {go}");
        return false;
    }

    private sealed record ScalarType(string Go, params JsonValueKind[] Kinds) : FieldType
    {
        public override void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped) => _ = value is null || Is(value, Go, path, owner, mistyped, Kinds);
    }

    private sealed record AnyType : FieldType
    {
        public override void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped)
        {
            // Nothing is asked of it.
        }
    }

    private sealed record ListType(FieldType Item) : FieldType
    {
        public override void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped)
        {
            if (value is not null && Is(value, "[]" + (Item is ObjectType o ? o.Name : "string"), path, owner, mistyped, JsonValueKind.Array))
            {
                foreach (var (i, item) in ((JsonArray)value).Index())
                {
                    Item.Check(item, $"{path}[{i}]", owner, unknown, mistyped);
                }
            }
        }
    }

    private sealed record MapType(FieldType Value) : FieldType
    {
        public override void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped)
        {
            if (value is not null && Is(value, "map[string]", path, owner, mistyped, JsonValueKind.Object))
            {
                foreach (var (name, item) in (JsonObject)value)
                {
                    Value.Check(item, $"{path}.{name}", owner, unknown, mistyped);
                }
            }
        }
    }

    private sealed record ObjectType(string Name, Dictionary<string, FieldType> Fields) : FieldType
    {
        public override void Check(JsonNode? value, string path, string owner, ICollection<string> unknown, ICollection<string> mistyped)
        {
            if (value is null || !Is(value, Name, path, owner, mistyped, JsonValueKind.Object))
            {
                return;
            }

            foreach (var (name, item) in (JsonObject)value)
            {
                var full = path.Length == 0 ? name : $"{path}.{name}";
                if (Fields.TryGetValue(name, out var type))
                {
                    type.Check(item, full, Name, unknown, mistyped);
                }
                else
                {
                    unknown.Add($"unknown field \"{full}\"");
                }
            }
        }
    }
}
