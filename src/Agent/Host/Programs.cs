using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.Agent.Host;

/// <summary>Runs programs of the host: no shell, no inherited environment, bounded time and output.</summary>
internal sealed class Programs(TimeProvider time) : IPrograms
{
    private const int OutputLimit = 64 * 1024;

    /// <summary>How long output may go on after the program itself has ended: a child of it may hold the pipe.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    // Nothing of the agent's own environment is passed on: it may hold secrets, or a locale that changes what programs print.
    private static readonly Dictionary<string, string?> CleanEnvironment = new()
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["LANG"] = "C",
        ["LC_ALL"] = "C",
        ["SYSTEMD_PAGER"] = "",
        ["SYSTEMD_COLORS"] = "0",
    };

    /// <inheritdoc/>
    /// <exception cref="AgentFault">PROGRAM_FAILED: the file is not there or cannot be run.</exception>
    public Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(file, arguments, ReadOnlyDictionary<string, string>.Empty, timeout, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="AgentFault">PROGRAM_FAILED: the file is not there or cannot be run.</exception>
    public async Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in CleanEnvironment)
        {
            start.Environment[name] = value;
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw new AgentFault(FaultReason.ProgramFailed, $"{file} cannot be run: {e.Message}. Expected an executable of the host.", e);
        }

        process.StandardInput.Close();
        using var reading = new CancellationTokenSource();
        var output = ReadAsync(process.StandardOutput.BaseStream, reading.Token);
        var error = ReadAsync(process.StandardError.BaseStream, reading.Token);

        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var timedOut = false;
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            timedOut = true;
        }

        reading.CancelAfter(Drain);
        var texts = await Task.WhenAll(output, error);
        cancellationToken.ThrowIfCancellationRequested();
        return new ProgramResult(process.ExitCode, texts[0], texts[1], timedOut);
    }

    /// <summary>Reads to the end, so that the program never waits for us, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                await kept.WriteAsync(buffer.AsMemory(0, (int)Math.Min(read, OutputLimit - kept.Length)), CancellationToken.None);
            }
        }
        catch (OperationCanceledException)
        {
            // Somebody else holds the pipe; what has come is all there is.
        }

        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }
}
