namespace EtcdFleet.Coordinator;

/// <summary>A command ends here, with an exit code and words for the operator.</summary>
/// <param name="exit">How.</param>
/// <param name="message">What was found, what was expected, what to do.</param>
internal sealed class CommandFault(ExitCode exit, string message) : Exception(message)
{
    public ExitCode Exit { get; } = exit;
}
