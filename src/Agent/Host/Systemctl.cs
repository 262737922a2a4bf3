using System.Globalization;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>systemd through systemctl and journalctl, whose output for programs is a stable interface (ADR 0003).</summary>
internal sealed class Systemctl(HostRoot root, IPrograms programs) : ISystemd
{
    private const string Properties = "LoadState,UnitFileState,ActiveState,SubState,Result,InvocationID,MainPID,NRestarts,NeedDaemonReload";

    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    // Reading all units again takes a second on a busy machine; enabling does so as well.
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private string Program => root.At("/usr/bin/systemctl");

    public async Task<UnitState> ShowAsync(string unit, CancellationToken cancellationToken)
    {
        var shown = await RunAsync(["show", unit, "-p", Properties, "--no-pager"], Short, cancellationToken);
        return Parse(shown.Output);
    }

    public Task ReloadAsync(CancellationToken cancellationToken) => RunAsync(["daemon-reload"], Long, cancellationToken);

    public Task EnableAsync(string unit, CancellationToken cancellationToken) => RunAsync(["enable", "--quiet", unit], Long, cancellationToken);

    public Task DisableAsync(string unit, CancellationToken cancellationToken) => RunAsync(["disable", "--quiet", unit], Long, cancellationToken);

    public async Task<bool> StartAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // The exit code is not the answer: with Restart=always a failed start may have become a good one by now, or be
        // "activating (auto-restart)".
        _ = await programs.RunAsync(Program, ["start", "--quiet", unit], timeout, cancellationToken);
        return (await ShowAsync(unit, cancellationToken)).ActiveState == "active";
    }

    public async Task<bool> StopAsync(string unit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _ = await programs.RunAsync(Program, ["stop", "--quiet", unit], timeout, cancellationToken);
        return (await ShowAsync(unit, cancellationToken)).Stopped;
    }

    public async Task ResetFailedAsync(string unit, CancellationToken cancellationToken)
    {
        // It fails for a unit that is not loaded, which is as good.
        var reset = await programs.RunAsync(Program, ["reset-failed", unit], Short, cancellationToken);
        if (reset.ExitCode != 0 && (await ShowAsync(unit, cancellationToken)).ActiveState == "failed")
        {
            throw Failed(["reset-failed", unit], reset);
        }
    }

    public async Task<string> JournalTailAsync(string unit, int lines, CancellationToken cancellationToken)
    {
        try
        {
            var journal = root.At("/usr/bin/journalctl");
            // Not by invocation id: journald cannot give it to the lines of a program that dies at once, and those say why. By
            // time instead, so that no line of an earlier start is blamed on this one. A systemd before 248 knows no unix time.
            var began = (await programs.RunAsync(Program, ["show", unit, "-p", "InactiveExitTimestamp", "--value", "--timestamp=unix"], Short, cancellationToken)).Output.Trim();
            string[] since = began.StartsWith('@') ? ["--since", began] : [];

            // The last lines may still be on their way into the journal.
            _ = await programs.RunAsync(journal, ["--sync"], Short, cancellationToken);
            var tail = await programs.RunAsync(journal, ["--no-pager", "-q", "-o", "cat", "-n", lines.ToString(CultureInfo.InvariantCulture), "-u", unit, .. since], Short, cancellationToken);
            return tail.ExitCode == 0 ? tail.Output.TrimEnd() : "";
        }
        catch (AgentFault)
        {
            return ""; // the journal only explains a failure; its absence must not replace it
        }
    }

    /// <summary>Reads "Name=value" lines; a property that an old systemd does not have is empty or 0.</summary>
    internal static UnitState Parse(string shown)
    {
        var values = shown.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        if (!values.TryGetValue("LoadState", out var load) || !values.TryGetValue("ActiveState", out var active))
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"systemctl show said '{shown.Trim()}', expected LoadState and ActiveState. Is systemd PID 1 on this node?");
        }

        return new UnitState
        {
            LoadState = load,
            ActiveState = active,
            UnitFileState = Text("UnitFileState"),
            SubState = Text("SubState"),
            Result = Text("Result"),
            InvocationId = Text("InvocationID"),
            MainPid = Number("MainPID"),
            Restarts = Number("NRestarts"),
            NeedsReload = Text("NeedDaemonReload") == "yes",
        };

        string Text(string name) => values.GetValueOrDefault(name, "");

        int Number(string name) => int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private async Task<ProgramResult> RunAsync(IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync(Program, arguments, timeout, cancellationToken);
        return result is { ExitCode: 0, TimedOut: false } ? result : throw Failed(arguments, result);
    }

    private static AgentFault Failed(IReadOnlyList<string> arguments, ProgramResult result) => new(
        FaultReason.ProgramFailed, $"systemctl {string.Join(' ', arguments)} {(result.TimedOut ? "did not end in time" : $"ended with {result.ExitCode}")}: {result.Error.Trim()}");
}
