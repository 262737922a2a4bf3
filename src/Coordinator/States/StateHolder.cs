using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;

namespace EtcdFleet.Coordinator.States;

/// <summary>Who has the lock in the state's etcd, as it is written there.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Holder">Who, on which machine.</param>
/// <param name="Since">By that machine's clock; for people.</param>
/// <param name="Reason">What for: the procedure, and why another run's lock was broken for it.</param>
internal sealed record StateHolder(string Run, string Holder, DateTimeOffset Since, string Reason)
{
    public ByteString ToValue() => ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(this, StateJson.Default.StateHolder));

    /// <summary>Null for a value that somebody else has written: then it is nobody's that is known here.</summary>
    public static StateHolder? Of(ByteString value)
    {
        try
        {
            return JsonSerializer.Deserialize(value.Span, StateJson.Default.StateHolder);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>"run R (ann on ops), since 2026-11-28 03:00:12Z, for migrate".</summary>
    public override string ToString() => FormattableString.Invariant($"run {Run} ({Holder}), since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, for {Reason}");
}

/// <summary>What a document in the state's etcd consists of.</summary>
/// <param name="Sha256">Of all of it.</param>
/// <param name="Parts">As many keys.</param>
internal sealed record StateDocument(string Sha256, int Parts);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StateHolder))]
[JsonSerializable(typeof(StateDocument))]
internal sealed partial class StateJson : JsonSerializerContext;
