namespace EtcdFleet.Coordinator.Output;

/// <summary>Whoever sits before the screen.</summary>
internal interface ITerminal
{
    /// <summary>Questions can be asked: stdin and stderr are a terminal.</summary>
    bool IsInteractive { get; }

    /// <summary>Asks and waits. Only "yes" and "y" are a yes; the end of the input is a no.</summary>
    /// <exception cref="CommandFault">Nobody is there to answer: exit code 2.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before there was an answer.</exception>
    Task<bool> ConfirmAsync(string question, CancellationToken cancellationToken);
}
