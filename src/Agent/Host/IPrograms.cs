namespace EtcdFleet.Agent.Host;

/// <summary>Runs the few programs of the host that the agent uses. Arguments are never built from a caller's text.</summary>
internal interface IPrograms
{
    /// <summary>Runs to the end, or kills at the time limit (then <see cref="ProgramResult.TimedOut"/>).</summary>
    /// <param name="file">An absolute path of the host.</param>
    /// <param name="arguments">Passed as they are, without a shell.</param>
    /// <param name="timeout">After which the program and its children are killed.</param>
    /// <param name="cancellationToken">Kills it as well.</param>
    Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>The same with variables beside the ones that every program gets. What is secret goes here: anybody on the host can read arguments.</summary>
    Task<ProgramResult> RunAsync(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>How a program ended. Output is cut at 64 KiB each.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error, bool TimedOut = false);
