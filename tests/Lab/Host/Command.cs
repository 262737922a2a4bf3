using System.Diagnostics;

namespace EtcdFleet.Lab.Host;

/// <summary>Runs programs of this machine.</summary>
internal static class Command
{
    /// <summary>Runs a program to its end and collects what it says.</summary>
    /// <param name="timeout">After it, the program and its children are killed and the exit code is 124.</param>
    /// <exception cref="LabException">The program is not installed.</exception>
    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        var line = string.Join(' ', command);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return new(line, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return new(line, CommandResult.TimedOut, Finished(output), $"{Finished(error)}\nended after {timeout.TotalSeconds:0} s");
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    /// <exception cref="LabException">It is missing, took longer than a minute, or its exit code is not 0.</exception>
    public static async Task<string> CheckedAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        (await RunAsync(command, TimeSpan.FromMinutes(1), cancellationToken)).Checked().Output;

    /// <summary>Starts a program and leaves it running.</summary>
    /// <exception cref="LabException">The program is not installed.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new LabException($"{start.FileName} cannot be run: {e.Message}; 'etcdfleet-lab probe-host' says which package has it", e);
        }
    }

    private static string Finished(Task<string> text) => text.IsCompletedSuccessfully ? text.Result : "";
}
