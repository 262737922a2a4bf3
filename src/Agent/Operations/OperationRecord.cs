using System.Text.Json.Serialization;

namespace EtcdFleet.Agent.Operations;

/// <summary>One mutating call and its outcome, as kept in /var/lib/etcdfleet/operations (rule 7).</summary>
internal sealed record OperationRecord
{
    public required string Id { get; init; }

    public required string Rpc { get; init; }

    /// <summary>SHA-256 of the request without its operation: the same id with another request is refused.</summary>
    public required string RequestSha256 { get; init; }

    public required string Caller { get; init; }

    /// <summary>Empty also where the file leaves it out; so are the other two.</summary>
    public string Run { get; init => field = value ?? ""; } = "";

    public string Step { get; init => field = value ?? ""; } = "";

    public required DateTimeOffset Started { get; init; }

    /// <summary>Null while the verb is at work, and after an agent that died in it.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The first answer, as protobuf; null when the verb refused or failed.</summary>
    public byte[]? Response { get; init; }

    /// <summary>The reason of a refusal or a failure.</summary>
    public int Reason { get; init; }

    public string Message { get; init => field = value ?? ""; } = "";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OperationRecord))]
internal sealed partial class OperationJson : JsonSerializerContext;
