namespace EtcdFleet.Lab.Host;

/// <summary>What a program said and how it ended.</summary>
/// <param name="Command">The program and its arguments, for messages.</param>
/// <param name="ExitCode">Its exit code; 124 when it was ended for taking too long.</param>
/// <param name="Output">All of stdout.</param>
/// <param name="Error">All of stderr.</param>
internal sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>The exit code that stands for "took too long", as in timeout(1).</summary>
    public const int TimedOut = 124;

    /// <summary>This result, or an error that shows what the program said.</summary>
    /// <exception cref="LabException">The exit code is not 0.</exception>
    public CommandResult Checked() => ExitCode == 0
        ? this
        : throw new LabException($"{Command}: exit code {ExitCode}, expected 0\n{(Error.Length > 0 ? Error : Output).Trim()}");
}
