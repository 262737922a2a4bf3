using System.Text.Json;

namespace EtcdFleet.Shared;

/// <summary>What a line of a run's journal says to whoever keeps it: its place, and whether it is the first or the last word.</summary>
public sealed record JournalLine
{
    /// <summary>Kind of a run's first line.</summary>
    public const string Started = "run-started";

    /// <summary>Kind of a run's last word.</summary>
    public const string Ended = "run-ended";

    public required long Seq { get; init; }

    public required string Kind { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Of the first line; empty in others.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Of the first line; empty in others.</summary>
    public string Procedure { get; init; } = "";

    /// <summary>The line's meaning; null when it is no whole line of a journal.</summary>
    /// <param name="line">Without its line break.</param>
    public static JournalLine? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("seq", out var seq) && seq.TryGetInt64(out var number) && Text(root, "kind") is { Length: > 0 } kind
                ? new() { Seq = number, Kind = kind, At = root.TryGetProperty("at", out var at) && at.TryGetDateTimeOffset(out var when) ? when : default, Cluster = Text(root, "cluster"), Procedure = Text(root, "procedure") }
                : null;
        }
        catch (Exception torn) when (torn is JsonException or InvalidOperationException)
        {
            return null; // also bytes that are no UTF-8
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
