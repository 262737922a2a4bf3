using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>systemd as far as the verbs see it: unit files and enablement are real files below the host root, states are kept here.</summary>
/// <remarks>What it does is held against the real one by SystemctlContract.</remarks>
internal sealed class FakeSystemd(HostRoot root, TimeProvider time) : ISystemd
{
    private readonly Dictionary<string, string?> _read = [];
    private readonly Dictionary<string, Running> _running = [];

    /// <summary>The program ends before it says READY, again and again (Restart=always).</summary>
    public bool StartFails { get; set; }

    /// <summary>The program runs, but never says READY.</summary>
    public bool NeverReady { get; set; }

    /// <summary>The program ignores SIGTERM.</summary>
    public bool NeverStops { get; set; }

    public TimeSpan StartDelay { get; set; }

    /// <summary>What the journal holds of every unit.</summary>
    public string Journal { get; set; } = "";

    /// <summary>systemctl itself fails, as without systemd.</summary>
    public bool Broken { get; set; }

    /// <summary>The changing calls, in their order: "start etcd.service".</summary>
    public IReadOnlyList<string> Calls => _calls;

    private readonly List<string> _calls = [];

    public Task<UnitState> ShowAsync(string unit, CancellationToken cancellationToken)
    {
        if (Broken)
        {
            throw new AgentFault(FaultReason.ProgramFailed, "systemctl show: Failed to connect to bus");
        }

        // systemd reads a unit file when the unit is first named, and again only when told to.
        var content = Content(unit);
        if (!_read.TryGetValue(unit, out var read) || read is null)
        {
            _read[unit] = read = content;
        }

        var running = _running.GetValueOrDefault(unit, Running.Not);
        return Task.FromResult(new UnitState
        {
            LoadState = Masked(unit) ? "masked" : read is null ? "not-found" : "loaded",
            UnitFileState = Masked(unit) ? "masked" : content is null ? "" : Path.Exists(Wanted(unit)) ? "enabled" : "disabled",
            ActiveState = running.Active,
            SubState = running.Sub,
            Result = running.Result,
            InvocationId = running.Invocation,
            MainPid = running.Pid,
            Restarts = running.Restarts,
            NeedsReload = read is not null && read != content,
        });
    }

    public Task ReloadAsync(CancellationToken cancellationToken)
    {
        _calls.Add("daemon-reload");
        foreach (var unit in _read.Keys.ToList())
        {
            _read[unit] = Content(unit);
        }

        return Task.CompletedTask;
    }

    public Task EnableAsync(string unit, CancellationToken cancellationToken)
    {
        _calls.Add($"enable {unit}");
        if (Content(unit) is null)
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"systemctl enable {unit} ended with 1: Unit file {unit} does not exist.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Wanted(unit))!);
        if (!Path.Exists(Wanted(unit)))
        {
            File.CreateSymbolicLink(Wanted(unit), UnitFile(unit));
        }

        return ReloadAsync(cancellationToken);
    }

    public Task DisableAsync(string unit, CancellationToken cancellationToken)
    {
        _calls.Add($"disable {unit}");
        if (Path.Exists(Wanted(unit)) || new FileInfo(Wanted(unit)).LinkTarget is not null)
        {
            File.Delete(Wanted(unit));
        }

        return ReloadAsync(cancellationToken);
    }

    public async Task<bool> StartAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _calls.Add($"start {unit}");
        var state = await ShowAsync(unit, cancellationToken);
        if (state.ActiveState == "active" || state.LoadState != "loaded" || !AssertionsHold(_read[unit]!))
        {
            return state.ActiveState == "active";
        }

        await Task.Delay(NeverReady ? timeout : StartDelay, time, cancellationToken);
        var invocation = Guid.NewGuid().ToString("N");
        _running[unit] = StartFails ? new("activating", "auto-restart", "exit-code", invocation, 0, state.Restarts + 1)
            : NeverReady ? new("activating", "start", "success", invocation, 4711, state.Restarts)
            : new("active", "running", "success", invocation, 4711, state.Restarts);
        return !StartFails && !NeverReady;
    }

    public async Task<bool> StopAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _calls.Add($"stop {unit}");
        if (NeverStops)
        {
            await Task.Delay(timeout, time, cancellationToken);
            _running[unit] = _running[unit] with { Active = "deactivating", Sub = "stop-sigterm" };
            return false;
        }

        if (_running.TryGetValue(unit, out var running))
        {
            _running[unit] = running with { Active = "inactive", Sub = "dead", Pid = 0 };
        }

        return true;
    }

    public Task ResetFailedAsync(string unit, CancellationToken cancellationToken)
    {
        _calls.Add($"reset-failed {unit}");
        return Task.CompletedTask;
    }

    public Task<string> JournalTailAsync(string unit, int lines, CancellationToken cancellationToken) =>
        Task.FromResult(string.Join('\n', Journal.Split('\n').TakeLast(lines)));

    /// <summary>The unit runs, by whomever.</summary>
    public void Run(string unit) => _running[unit] = new("active", "running", "success", Guid.NewGuid().ToString("N"), 4711, 0);

    /// <summary>One that was started with <see cref="NeverReady"/> has come so far after all.</summary>
    public void SayReady(string unit) => _running[unit] = _running[unit] with { Active = "active", Sub = "running" };

    private string UnitFile(string unit) => Path.Combine(root.Units, unit);

    private string Wanted(string unit) => Path.Combine(root.Units, "multi-user.target.wants", unit);

    private bool Masked(string unit) => new FileInfo(UnitFile(unit)).LinkTarget == "/dev/null";

    private string? Content(string unit) => File.Exists(UnitFile(unit)) && !Masked(unit) ? File.ReadAllText(UnitFile(unit)) : null;

    private bool AssertionsHold(string content) => content.Split('\n')
        .Where(line => line.StartsWith("AssertPathExists=", StringComparison.Ordinal))
        .Select(line => line["AssertPathExists=".Length..])
        .All(path => path.StartsWith('!') ? !Path.Exists(root.At(path[1..])) : Path.Exists(root.At(path)));

    private sealed record Running(string Active, string Sub, string Result, string Invocation, int Pid, int Restarts)
    {
        public static Running Not { get; } = new("inactive", "dead", "success", "", 0, 0);
    }
}
