using System.Diagnostics;
using System.Text.Json;
using EtcdFleet.Lab;
using EtcdFleet.Lab.Host;
using Xunit;

namespace EtcdFleet.Scenarios.Runs;

/// <summary>A coordinator at work on ops: its JSON lines as they come, so that a scenario can hit a moment.</summary>
internal sealed class RunningMigration : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly RunningLab _lab;
    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<JsonElement> _events = [];
    private readonly Task _reading;
    private readonly Task<string> _error;
    private string _stopped = "";
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private RunningMigration(RunningLab lab, Process process)
    {
        (_lab, _process) = (lab, process);
        _error = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    /// <summary>Starts <c>etcdfleet migrate --yes</c> with an inventory on ops; A1 to A3 alone where the lab has no apiservers.</summary>
    public static RunningMigration Start(RunningLab lab, string inventory, params IReadOnlyList<string> arguments) =>
        StartVerb(lab, inventory, "migrate", lab.HasKubernetes ? arguments : ["--etcd-only", .. arguments]);

    /// <summary>Starts another verb that changes something.</summary>
    public static RunningMigration StartVerb(RunningLab lab, string inventory, string verb, params IReadOnlyList<string> arguments)
    {
        IReadOnlyList<string> command = [.. lab.Ops.Enter, "etcdfleet", "-i", inventory, "--output", "json", verb, "--yes", .. arguments];
        return new(lab, Command.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true }));
    }

    /// <summary>Waits until a step begins.</summary>
    public Task UntilStartedAsync(string step) => UntilAsync(line => line.Is("step_started") && line.Text("step") == step);

    /// <summary>Waits until a step has ended.</summary>
    public Task UntilEndedAsync(string step) => UntilAsync(line => line.Is("step_ended") && line.Text("step") == step);

    /// <summary>Waits until a step begins to be undone.</summary>
    public Task UntilUndoingAsync(string step) => UntilAsync(line => line.Is("step_started") && line.Text("step") == step && line.GetProperty("undoing").GetBoolean());

    private async Task UntilAsync(Func<JsonElement, bool> seen)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            Task more;
            lock (_gate)
            {
                if (_events.Any(seen))
                {
                    return;
                }

                more = _more.Task;
            }

            Assert.False(_reading.IsCompleted, $"the run ended before that: {_events.LastOrDefault()} {(_error.IsCompleted ? await _error : "")}");
            await Task.WhenAny(more, _reading).WaitAsync(patience.Token);
        }
    }

    /// <summary>Sends it SIGKILL, on ops and by its process id there.</summary>
    public async Task KillAsync()
    {
        var id = (await _lab.Ops.RunAsync("pgrep", "-x", "etcdfleet")).Checked().Output.Trim();
        (await _lab.Ops.RunAsync("kill", "-KILL", id)).Checked();
    }

    /// <summary>Sends it SIGSTOP. It must be the only coordinator on ops at that moment.</summary>
    public async Task StopAsync()
    {
        _stopped = (await _lab.Ops.RunAsync("pgrep", "-x", "etcdfleet")).Checked().Output.Trim();
        (await _lab.Ops.RunAsync("kill", "-STOP", _stopped)).Checked();
    }

    /// <summary>Lets it go on after that. nsenter has stopped itself as soon as its child was, and would never see its end.</summary>
    public async Task ContinueAsync()
    {
        (await _lab.Ops.RunAsync("kill", "-CONT", _stopped)).Checked();
        await Command.CheckedAsync(["kill", "-CONT", $"{_process.Id}"], TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<MigrationResult> EndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await _reading.WaitAsync(patience.Token);
        await _process.WaitForExitAsync(patience.Token);
        return new(_process.ExitCode, _events, await _error, Journal());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    /// <summary>The run's record on ops; empty when it came to no run.</summary>
    private IReadOnlyList<JsonElement> Journal() => _events.FirstOrDefault(line => line.Is("run_started")) is { ValueKind: JsonValueKind.Object } started
        ? [.. File.ReadLines($"{_lab.Ops.Root}{started.Text("journal")}/journal.jsonl").Select(Json)]
        : [];

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _events.Add(Json(line)); // one that is no JSON fails the scenario
                _more.SetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private static JsonElement Json(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
