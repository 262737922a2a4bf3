using System.Diagnostics;
using System.Text;

namespace EtcdFleet.TestKit;

/// <summary>One real etcd. It is killed at the end, and only by its own process id.</summary>
internal sealed class EtcdProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EtcdProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"etcd ended with {_process.ExitCode} before it was ready. Its log:\n{Log}"));
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public int Id => _process.Id;

    public bool Ended => _process.HasExited;

    /// <summary>Everything that it has said, JSON lines.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts etcd with nothing in its environment but what is given.</summary>
    /// <param name="arguments">Its flags.</param>
    /// <param name="environment">Its variables.</param>
    public static EtcdProcess Start(IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(EtcdBinaries.At("etcd"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new EtcdProcess(start);
    }

    /// <summary>Waits until it serves clients, which takes a quorum.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _ready.Task.WaitAsync(StartLimit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"etcd was not ready after {StartLimit.TotalSeconds:0} s. Its log:\n{Log}");
        }
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP or SIGCONT: a member that hangs, and one that goes on.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (line.Contains("ready to serve client requests", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
