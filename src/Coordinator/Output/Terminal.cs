namespace EtcdFleet.Coordinator.Output;

/// <summary>The terminal that the command was started on, if it was.</summary>
/// <param name="input">Opened when something is asked, and not before: it changes the terminal's settings.</param>
/// <param name="error">Questions go to stderr: stdout is for results.</param>
/// <param name="interactive">Both are a terminal.</param>
internal sealed class Terminal(Func<TextReader> input, TextWriter error, bool interactive) : ITerminal
{
    public bool IsInteractive => interactive;

    public async Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken)
    {
        if (!interactive)
        {
            throw new CommandFault(ExitCode.Usage, "found no terminal to ask on, expected a yes; say it with --yes, or look first with --dry-run");
        }

        while (true)
        {
            await error.WriteAsync($"{question} [y/N] ".AsMemory(), cancellationToken);
            // Reading a terminal cannot be cancelled; waiting for it can.
            var answer = await Task.Run(() => input().ReadLine(), CancellationToken.None).WaitAsync(cancellationToken);
            switch (answer?.Trim().ToUpperInvariant())
            {
                case "Y" or "YES":
                    return true;
                case null or "" or "N" or "NO":
                    return false;
                default:
                    await error.WriteLineAsync("yes or no?".AsMemory(), cancellationToken);
                    break;
            }
        }
    }
}
