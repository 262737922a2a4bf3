using System.Runtime.InteropServices;

namespace EtcdFleet.Coordinator.Cli;

/// <summary>What Ctrl-C means: the first time, finish the verb at work and stop; the second time, only stop waiting.</summary>
/// <remarks>SIGTERM and SIGHUP mean the same: a closed window must not leave a node half cut over.</remarks>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<string> _say;
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    /// <param name="say">Tells the operator what happens.</param>
    public Interruption(Action<string> say)
    {
        _say = say;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the default would end the process on the spot
            Signal();
        }))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _first.Token;

    /// <summary>The exit code of the work, or 130 as soon as the second signal came: the work goes on until the process ends.</summary>
    public async Task<int> WaitAsync(Task<int> work) =>
        await Task.WhenAny(work, _second.Task) == work ? await work : (int)ExitCode.Cancelled;

    /// <summary>As if a signal had come.</summary>
    public void Signal()
    {
        if (Interlocked.Increment(ref _signals) == 1)
        {
            Say("stopping: the verb at work is finished first; once more to stop waiting for it");
            _first.Cancel();
        }
        else
        {
            Say("not waiting any longer; a verb on a node may still be at work: look with 'etcdfleet status'");
            _second.TrySetResult();
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _first.Dispose();
    }

    private void Say(string text)
    {
        try
        {
            _say($"\n{text}");
        }
        catch (IOException)
        {
            // The terminal is gone: that was the signal.
        }
    }
}
