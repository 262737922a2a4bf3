using System.Text.Json.Serialization;

namespace EtcdFleet.Lab.Writing;

/// <summary>What a client saw that lists and watches.</summary>
internal sealed record ReflectorReport
{
    /// <summary>Changes that its watches told.</summary>
    public required int Events { get; init; }

    /// <summary>As often it listed.</summary>
    public required int Lists { get; init; }

    /// <summary>As often it was told that what it had last seen is compacted, and to list anew.</summary>
    public required int Compacted { get; init; }

    public required long LastRevision { get; init; }

    /// <summary>Every revision that was smaller than one seen before.</summary>
    public required IReadOnlyList<string> WentBack { get; init; }
}

/// <summary>JSON of the report.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReflectorReport))]
internal sealed partial class ReflectorJson : JsonSerializerContext;
