using System.Globalization;
using System.Net.Sockets;
using EtcdFleet.Agent.Operations;
using Microsoft.Extensions.Hosting.Systemd;

namespace EtcdFleet.Agent.Health;

/// <summary>Tells systemd that the agent lives (WATCHDOG=1, twice in each WATCHDOG_USEC) and what it is at (STATUS=). AddSystemd sends READY and STOPPING.</summary>
internal sealed partial class ServiceNotifier(IServiceProvider services, NodeLock node, TimeProvider time, ILogger<ServiceNotifier> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (services.GetService<ISystemdNotifier>() is not { IsEnabled: true } systemd)
        {
            return;
        }

        void Status(string holder) => Notify(systemd, $"STATUS={(holder.Length > 0 ? holder : "idle")}");
        node.Changed += Status;
        Status(node.Holder);
        try
        {
            if (long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var period) && period > 0)
            {
                using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(period / 2.0), time);
                do
                {
                    Notify(systemd, "WATCHDOG=1");
                }
                while (await timer.WaitForNextTickAsync(stoppingToken));
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
        finally
        {
            node.Changed -= Status;
        }
    }

    /// <summary>systemd that does not listen for a moment, while it is replaced for instance, must not stop a verb or the agent.</summary>
    private void Notify(ISystemdNotifier systemd, string state)
    {
        try
        {
            systemd.Notify(new ServiceState(state));
        }
        catch (SocketException away)
        {
            Log.Away(logger, away.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(310, LogLevel.Warning, "systemd cannot be told: {Problem}")]
        public static partial void Away(ILogger logger, string problem);
    }
}
