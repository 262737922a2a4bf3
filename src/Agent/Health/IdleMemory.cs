using EtcdFleet.Agent.Operations;

namespace EtcdFleet.Agent.Health;

/// <summary>Gives memory back to the machine once the agent is idle: etcd and the apiserver are the ones who need it.</summary>
/// <remarks>The collector works only when something is allocated, so what a run has left behind would stay until the next run, months later.</remarks>
internal sealed class IdleMemory(NodeLock node, TimeProvider time) : BackgroundService
{
    /// <summary>How often it looks. It collects when one whole period was quiet.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Bytes allocated in a period that still count as quiet: the watchdog's pings and a scrape of /metrics stay below.</summary>
    private const long Quiet = 512 * 1024;

    /// <summary>Bytes allocated since the last collection that make another one worth its few milliseconds.</summary>
    private const long Worthwhile = 4 * 1024 * 1024;

    private long _before = GC.GetTotalAllocatedBytes();
    private long _collected;

    /// <summary>How often it has collected.</summary>
    public int Collections { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    /// <summary>Ends a period: collects if it was quiet, no verb is at work, and there is something to gain.</summary>
    internal void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _before < Quiet && allocated - _collected > Worthwhile && node.Holder.Length == 0)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers(); // certificates and connections hold native memory
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _collected = allocated;
            Collections++;
        }

        _before = allocated;
    }
}
