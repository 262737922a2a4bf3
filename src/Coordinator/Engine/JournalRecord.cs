using System.Text.Json.Serialization;

namespace EtcdFleet.Coordinator.Engine;

/// <summary>One line of a run's journal. The order is that of <see cref="Seq"/>, not of the clock. A text that the line leaves out is empty.</summary>
internal sealed record JournalRecord
{
    public long Seq { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>One of <see cref="JournalKind"/>.</summary>
    public required string Kind { get; init; }

    public string Step { get; init => field = value ?? ""; } = "";

    /// <summary>The id of the mutating call that an intent announces.</summary>
    public string Operation { get; init => field = value ?? ""; } = "";

    public bool? Changed { get; init; }

    public string Summary { get; init => field = value ?? ""; } = "";

    public IReadOnlyDictionary<string, string>? Facts { get; init; }

    public double? Milliseconds { get; init; }

    /// <summary>With run-started: procedure, cluster, version of the coordinator. With run-ended: the exit code.</summary>
    public string Procedure { get; init => field = value ?? ""; } = "";

    public string Cluster { get; init => field = value ?? ""; } = "";

    public int? Exit { get; init; }
}

/// <summary>The kinds of a journal's records. Every run ends in <see cref="RunEnded"/>, unless the coordinator died.</summary>
internal static class JournalKind
{
    public const string RunStarted = "run-started";
    public const string Intent = "intent";
    public const string Receipt = "receipt";
    public const string AlreadyDone = "already-done";
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string UndoIntent = "undo-intent";
    public const string Undone = "undone";
    public const string UndoFailed = "undo-failed";
    public const string Finding = "finding";
    public const string LockBroken = "lock-broken";
    public const string LockTaken = "lock-taken";
    public const string LockRaised = "lock-raised";
    public const string LockLost = "lock-lost";
    public const string RunEnded = "run-ended";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext;
