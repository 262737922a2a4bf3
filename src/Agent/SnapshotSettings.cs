using System.Globalization;

namespace EtcdFleet.Agent;

/// <summary>The agent's own snapshots, as agent.yaml has them. Snapshots that a run or a person took are never touched.</summary>
internal sealed record SnapshotSettings
{
    public const string EveryKey = "snapshot_every";
    public const string KeepKey = "snapshot_keep";
    public const string KeepDaysKey = "snapshot_keep_days";
    public const string KeepVerifiedKey = "snapshot_keep_verified";

    /// <summary>How often the agent takes one.</summary>
    /// <value>Zero: never. A package that is installed must not begin to fill a disk by itself.</value>
    public TimeSpan Every { get; init; }

    /// <summary>The newest are kept, this many.</summary>
    public int Keep { get; init; } = 14;

    /// <summary>What is younger is kept, in days.</summary>
    public int KeepDays { get; init; } = 7;

    /// <summary>The newest verified ones are kept, this many, however old they are.</summary>
    public int KeepVerified { get; init; } = 3;

    /// <summary>The settings with one of them set; null: not one of these keys, or not a value for it.</summary>
    public SnapshotSettings? With(string key, string text) => key switch
    {
        EveryKey when text == "off" => this with { Every = TimeSpan.Zero },
        EveryKey when text.EndsWith('h') && Number(text[..^1], 1, 168) is { } hours => this with { Every = TimeSpan.FromHours(hours) },
        KeepKey when Number(text, 1, 1000) is { } count => this with { Keep = count },
        KeepDaysKey when Number(text, 0, 3650) is { } days => this with { KeepDays = days },
        KeepVerifiedKey when Number(text, 1, 1000) is { } count => this with { KeepVerified = count },
        _ => null,
    };

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null;
}
