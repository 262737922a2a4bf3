using System.Runtime.InteropServices;
using EtcdFleet.Agent.Endpoints;
using EtcdFleet.Agent.Operations;

namespace EtcdFleet.Agent.Health;

/// <summary>Ends the agent only between two verbs: at a package's upgrade (SIGUSR1), when an identity appears, and at SIGTERM.</summary>
/// <remarks>The first two end it with <see cref="RestartMe"/>, on which systemd starts it anew (RestartForceExitStatus= in the unit).</remarks>
internal sealed partial class Lifetime(
    IHostApplicationLifetime application, IdentityFiles identity, NetworkListener listener, NodeLock node, TimeProvider time, ILogger<Lifetime> logger) : BackgroundService
{
    /// <summary>The exit status that asks systemd for another start.</summary>
    public const int RestartMe = 75;

    private const int UserSignal1 = 10;

    private static readonly TimeSpan IdentityPoll = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PosixSignalRegistration? _signal;
    private CancellationTokenRegistration _stopping;

    /// <summary>What the process is to end with: 0, or <see cref="RestartMe"/>.</summary>
    public int ExitCode { get; private set; }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Here and not in ExecuteAsync, which runs beside the start: after READY the signal never just kills.
        _signal = PosixSignalRegistration.Create((PosixSignal)UserSignal1, context =>
        {
            context.Cancel = true;
            _asked.TrySetResult("asked to (SIGUSR1)");
        });
        // At the first moment: the listener ends before this service does, and waits for the verb's caller.
        _stopping = application.ApplicationStopping.Register(() =>
        {
            if (node.Holder is { Length: > 0 } holder)
            {
                Log.Waiting(logger, holder);
            }
        });
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await node.IdleAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var reason = await Task.WhenAny(_asked.Task, IdentityAppearsAsync(stoppingToken));
            Log.Restarting(logger, await reason);
            await node.IdleAsync().WaitAsync(stoppingToken);
            ExitCode = RestartMe;
            application.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // Stopping anyway.
        }
    }

    public override void Dispose()
    {
        _signal?.Dispose();
        _stopping.Dispose();
        base.Dispose();
    }

    /// <summary>Kestrel's listeners are fixed at the start, so one that came with the identity needs another start.</summary>
    private async Task<string> IdentityAppearsAsync(CancellationToken cancellationToken)
    {
        if (listener.IsOpen)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }

        Log.NoIdentity(logger);
        using var timer = new PeriodicTimer(IdentityPoll, time);
        while (await timer.WaitForNextTickAsync(cancellationToken) && identity.Current() is null)
        {
        }

        return "an identity has appeared, for the network listener";
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Restarting between two verbs: {Reason}")]
        public static partial void Restarting(ILogger logger, string reason);

        [LoggerMessage(301, LogLevel.Information, "Stopping as soon as {Verb} has ended")]
        public static partial void Waiting(ILogger logger, string verb);

        [LoggerMessage(302, LogLevel.Warning, "No identity in /etc/etcdfleet/pki, so no network listener: unpack the bundle of 'etcdfleet pki issue agent' there")]
        public static partial void NoIdentity(ILogger logger);
    }
}
