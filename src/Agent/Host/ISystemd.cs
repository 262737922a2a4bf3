namespace EtcdFleet.Agent.Host;

/// <summary>The host's service manager (ADR 0003: through systemctl's stable interface).</summary>
internal interface ISystemd
{
    /// <summary>The unit's state; a unit that does not exist has LoadState "not-found".</summary>
    Task<UnitState> ShowAsync(string unit, CancellationToken cancellationToken);

    /// <summary>Rereads unit files.</summary>
    Task ReloadAsync(CancellationToken cancellationToken);

    /// <summary>Enables without starting (D9).</summary>
    Task EnableAsync(string unit, CancellationToken cancellationToken);

    /// <summary>Disables without stopping.</summary>
    Task DisableAsync(string unit, CancellationToken cancellationToken);

    /// <summary>Starts and waits for the job: true when the unit is ready, false when its start failed or the time ran out.</summary>
    Task<bool> StartAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Stops and waits until its processes are gone; false when the time ran out.</summary>
    Task<bool> StopAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Forgets a failure, so that a unit in "failed" reads as inactive again.</summary>
    Task ResetFailedAsync(string unit, CancellationToken cancellationToken);

    /// <summary>The journal's last lines of a unit's newest start, for an error message; empty where the journal cannot be read.</summary>
    Task<string> JournalTailAsync(string unit, int lines, CancellationToken cancellationToken);
}

/// <summary>What systemctl show says of a unit, by systemd's own names.</summary>
internal sealed record UnitState
{
    public required string LoadState { get; init; }

    public required string UnitFileState { get; init; }

    public required string ActiveState { get; init; }

    public required string SubState { get; init; }

    public required string Result { get; init; }

    public required string InvocationId { get; init; }

    public required int MainPid { get; init; }

    public required int Restarts { get; init; }

    /// <summary>The unit's file is another one than systemd has read.</summary>
    public bool NeedsReload { get; init; }

    /// <summary>Nothing of it runs, and nothing is about to (auto-restart counts as running).</summary>
    public bool Stopped => ActiveState is "inactive" or "failed";
}
