using EtcdFleet.Lab.StandIns.Runtime;

namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>Brings one Pod to what its manifest asks for: start, restart with back-off, stop, or stop and start anew.</summary>
internal sealed class PodWorker(string key, ContainerStarter starter, ContainerStore store, FaultKnobs faults, TimeProvider time, Action<string> log)
{
    /// <summary>How often a process is looked at. Containers may be the children of an earlier kubelet, so there is nothing to wait on.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>The kubelet learns of an exit when it lists containers, once a second.</summary>
    private static readonly TimeSpan Relist = TimeSpan.FromSeconds(1);

    private readonly CrashLoopBackOff _backOff = new(time);
    private DateTimeOffset? _exited;
    private int _attempt;

    /// <summary>What the manifests ask for; null: that the Pod be gone.</summary>
    public volatile StaticPod? Desired;

    /// <summary>Works until cancelled; the container stays as it is then.</summary>
    /// <param name="adopted">A container that an earlier kubelet left running.</param>
    public async Task RunAsync(ContainerRecord? adopted, CancellationToken cancellationToken)
    {
        var current = adopted;
        _attempt = adopted?.Attempt + 1 ?? 0;
        while (true)
        {
            if (current is { IsRunning: false })
            {
                log($"{key}: container {current.Id[..12]} has exited");
                _exited = time.GetUtcNow();
                current = null;
            }
            else if (current is not null && current.PodUid != Desired?.Uid)
            {
                if (await StopAsync(current, cancellationToken))
                {
                    log($"{key}: stopped");
                    (current, _exited, _attempt) = (null, null, 0);
                }
            }
            else if (current is null && Desired is { } pod && DelayBefore(pod) == TimeSpan.Zero && !faults.PodDoesNotStart)
            {
                current = Start(pod);
            }

            await Task.Delay(Look, time, cancellationToken);
        }
    }

    private TimeSpan DelayBefore(StaticPod pod)
    {
        if (_exited is not { } exited)
        {
            return TimeSpan.Zero;
        }

        var relist = exited + Relist - time.GetUtcNow();
        var backOff = _backOff.Remaining(pod.Uid, exited);
        return relist > backOff ? relist : backOff;
    }

    private ContainerRecord? Start(StaticPod pod)
    {
        if (_exited is { } exited)
        {
            _backOff.Restarted(pod.Uid, exited);
        }

        try
        {
            Forget();
            var container = starter.Start(pod, _attempt++);
            log($"{key}: started {pod.Image} as process {container.ProcessId} from {pod.Path}");
            return container;
        }
        catch (IOException e)
        {
            log($"{key}: {e.Message}");
            _exited = time.GetUtcNow();
            return null;
        }
    }

    /// <summary>SIGTERM, the grace period, SIGKILL. False when the manifest came back before the Pod had got any signal.</summary>
    private async Task<bool> StopAsync(ContainerRecord container, CancellationToken cancellationToken)
    {
        log($"{key}: stopping process {container.ProcessId}");
        var slowUntil = time.GetUtcNow() + faults.SlowStop;
        while (faults.PodDoesNotStop || time.GetUtcNow() < slowUntil)
        {
            if (!container.IsRunning || Desired?.Uid == container.PodUid)
            {
                return !container.IsRunning;
            }

            await Task.Delay(Look, time, cancellationToken);
        }

        ContainerStarter.Signal(container, ContainerStarter.Terminate);
        var killAt = time.GetUtcNow() + TimeSpan.FromSeconds(container.GraceSeconds);
        while (container.IsRunning)
        {
            if (time.GetUtcNow() >= killAt)
            {
                log($"{key}: killing process {container.ProcessId}, {container.GraceSeconds} s after SIGTERM");
                ContainerStarter.Signal(container, ContainerStarter.Kill);
            }

            await Task.Delay(Look, time, cancellationToken);
        }

        return true;
    }

    /// <summary>Clears away this Pod's earlier containers but the last, as the kubelet's garbage collection does.</summary>
    private void Forget()
    {
        foreach (var old in store.List().Where(c => $"{c.PodNamespace}/{c.PodName}" == key && !c.IsRunning).OrderByDescending(c => c.CreatedAt).Skip(1))
        {
            store.Remove(old.Id);
        }
    }
}
