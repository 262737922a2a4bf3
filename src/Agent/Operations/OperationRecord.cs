using System.Text.Json.Serialization;
using EtcdFleet.Agent.V1;
using Google.Protobuf;

namespace EtcdFleet.Agent.Operations;

/// <summary>One mutating call and its outcome, as kept in /var/lib/etcdfleet/operations (rule 7).</summary>
internal sealed record OperationRecord
{
    public required string Id { get; init; }

    public required string Rpc { get; init; }

    /// <summary>SHA-256 of the request without its operation: the same id with another request is refused.</summary>
    public required string RequestSha256 { get; init; }

    /// <summary>The request as protobuf, so that the next agent can settle what this one died in. Requests hold no secrets (rule 10).</summary>
    /// <value>Null: of an agent that did not keep it yet.</value>
    public byte[]? Request { get; init; }

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

    /// <summary>What became of it when the agent died in it; unspecified: it came to its end by itself, or has none yet.</summary>
    public SettledOperation.Types.Way Way { get; init; }

    /// <summary>The rpc's own name.</summary>
    [JsonIgnore]
    public string Verb => Rpc.Split('/')[^1];

    /// <summary>What is kept of a request: all but the address of a download, which may carry a password, and is not asked for again.</summary>
    public static byte[] Kept<TRequest>(TRequest request)
        where TRequest : IMessage<TRequest>
    {
        var kept = request.Clone();
        kept.Descriptor.FindFieldByName("url")?.Accessor.Clear(kept);
        return kept.ToByteArray();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OperationRecord))]
internal sealed partial class OperationJson : JsonSerializerContext;
