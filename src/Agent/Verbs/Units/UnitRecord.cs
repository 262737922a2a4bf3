using EtcdFleet.Agent.Host;

namespace EtcdFleet.Agent.Verbs.Units;

/// <summary>What InstallUnit wrote and what was there before.</summary>
internal sealed record UnitRecord
{
    /// <summary>Of the unit file that we wrote, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>systemd's UnitFileState before the first install: "enabled", "disabled", "masked", or empty where there was no unit.</summary>
    public required string EnabledBefore { get; init; }

    /// <summary>Where the unit file that was not ours is kept, as the host names it; null when there was none.</summary>
    public string? SetAside { get; init; }

    /// <summary>The set-aside file's own owner and mode.</summary>
    public OwnerAndMode? SetAsideOwner { get; init; }
}
