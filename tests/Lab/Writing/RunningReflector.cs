using System.Diagnostics;
using System.Text.Json;
using EtcdFleet.Lab.Host;
using EtcdFleet.Lab.Releases;

namespace EtcdFleet.Lab.Writing;

/// <summary>The reflector at work as a process in the lab's network. Ends with its owner.</summary>
internal sealed class RunningReflector : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private RunningReflector(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public static RunningReflector Start(LabPaths paths, LabState state, IEnumerable<string> endpoints, string clientFolder)
    {
        string[] command = [.. new LabNetwork(paths.Name).Enter, .. ReleaseServerProcess.Self, "watch", "--endpoints", string.Join(',', endpoints), "--client", clientFolder];
        var process = Command.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true });
        state.Record(process.Id);
        return new(process);
    }

    /// <summary>Stops watching and gives what it saw.</summary>
    /// <exception cref="LabException">It made no report; what it said is in the message.</exception>
    public async Task<ReflectorReport> StopAsync(CancellationToken cancellationToken = default)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(cancellationToken);
        var output = await _output;
        try
        {
            return JsonSerializer.Deserialize(output, ReflectorJson.Default.ReflectorReport)!;
        }
        catch (JsonException e)
        {
            throw new LabException($"the reflector ended with {_process.ExitCode} and without a report:\n{output}{await _error}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
