using System.Text.Json.Serialization;

namespace EtcdFleet.Lab.Writing;

/// <summary>What a client of etcd with all endpoints saw, or one of the apiservers behind their load balancer.</summary>
internal sealed record WriterReport
{
    /// <summary>Acknowledged writes.</summary>
    public required int Writes { get; init; }

    /// <summary>Writes that no endpoint took in time.</summary>
    public required int Failed { get; init; }

    /// <summary>Acknowledged writes that are not there, neither at the end nor in the history.</summary>
    public required int Lost { get; init; }

    /// <summary>Acknowledged writes that took longer than 300 ms (or what the options say).</summary>
    public required int Slow { get; init; }

    /// <summary>Attempts that an endpoint refused or did not answer; most of them succeeded at the next one.</summary>
    public required int FailedAttempts { get; init; }

    /// <summary>Longest time between two acknowledgements, milliseconds.</summary>
    public required double LongestPauseMs { get; init; }

    /// <summary>When that pause began.</summary>
    public required DateTimeOffset LongestPauseAt { get; init; }

    /// <summary>What became of the attempts within it: each that failed, and which endpoint took the write at last.</summary>
    public required IReadOnlyList<string> LongestPauseAttempts { get; init; }

    /// <summary>Half of the writes were at least this fast, milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>99 of 100 writes were at least this fast, milliseconds.</summary>
    public required double P99Ms { get; init; }

    /// <summary>The slowest, milliseconds.</summary>
    public required double MaxMs { get; init; }

    /// <summary>From the first write to the last, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>True when every acknowledged write was looked up in etcd's history; false when etcd has compacted it, so that only the end was checked.</summary>
    public required bool HistoryChecked { get; init; }

    /// <summary>What was lost, at most ten lines.</summary>
    public required IReadOnlyList<string> Losses { get; init; }

    /// <summary>What no order of the writer's calls explains, at most ten lines: the search of the fault matrix (tests/TestKit/History) on the same run.</summary>
    public required IReadOnlyList<string> Unexplained { get; init; }

    /// <summary>How attempts failed, each kind once, at most ten.</summary>
    public required IReadOnlyList<string> Errors { get; init; }
}

/// <summary>JSON of the report.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WriterReport))]
internal sealed partial class WriterJson : JsonSerializerContext;
