using System.Threading.Channels;
using EtcdFleet.Lab.StandIns.Runtime;

namespace EtcdFleet.Lab.StandIns.Kubelet;

/// <summary>The kubelet stand-in: manifests in, processes out (FACTS 2 and 3).</summary>
internal sealed class KubeletStandIn(StandInOptions options, TimeProvider time, Action<string> log)
{
    /// <summary>The kubelet's fileCheckFrequency.</summary>
    private static readonly TimeSpan RescanEvery = TimeSpan.FromSeconds(20);

    private readonly ContainerStore _store = new(options.Containers);
    private readonly FaultKnobs _faults = new(options.Faults);
    private readonly ManifestFolder _folder = new(options.Manifests, options.Node, log);
    private readonly Dictionary<string, PodWorker> _workers = [];
    private readonly List<Task> _running = [];

    /// <summary>Works until cancelled. The containers run on then, and the next kubelet takes them up.</summary>
    /// <param name="ready">Called once the manifests have been read for the first time.</param>
    public async Task RunAsync(Action ready, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Manifests);
        var events = Channel.CreateUnbounded<Action>();
        using var watcher = Watch(events.Writer);
        _folder.Rescan();
        foreach (var container in _store.List().Where(c => c.IsRunning))
        {
            log($"found container {container.Id[..12]} of {container.PodName}, process {container.ProcessId}");
            Employ($"{container.PodNamespace}/{container.PodName}", container, cancellationToken);
        }

        Dispatch(cancellationToken);
        ready();
        using var rescan = new PeriodicTimer(RescanEvery, time);
        var rescanning = Task.Run(
            async () =>
            {
                while (await rescan.WaitForNextTickAsync(cancellationToken))
                {
                    events.Writer.TryWrite(_folder.Rescan);
                }
            },
            cancellationToken);
        try
        {
            await foreach (var apply in events.Reader.ReadAllAsync(cancellationToken))
            {
                apply();
                Dispatch(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll([.. _running, rescanning]).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>inotify: creation, change, removal and renaming, as the kubelet's fsnotify sees them.</summary>
    private FileSystemWatcher Watch(ChannelWriter<Action> events)
    {
        var watcher = new FileSystemWatcher(options.Manifests)
        {
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Attributes | NotifyFilters.CreationTime,
            InternalBufferSize = 65536,
        };
        watcher.Created += (_, e) => events.TryWrite(() => _folder.Changed(e.FullPath));
        watcher.Changed += (_, e) => events.TryWrite(() => _folder.Changed(e.FullPath));
        watcher.Deleted += (_, e) => events.TryWrite(() => _folder.Removed(e.FullPath));
        watcher.Renamed += (_, e) => events.TryWrite(() =>
        {
            _folder.Removed(e.OldFullPath);
            _folder.Changed(e.FullPath);
        });
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Dispatch(CancellationToken cancellationToken)
    {
        foreach (var (key, worker) in _workers)
        {
            worker.Desired = _folder.Pods.GetValueOrDefault(key);
        }

        foreach (var key in _folder.Pods.Keys.Where(k => !_workers.ContainsKey(k)).ToList())
        {
            Employ(key, adopted: null, cancellationToken);
        }
    }

    private void Employ(string key, ContainerRecord? adopted, CancellationToken cancellationToken)
    {
        var worker = new PodWorker(key, new(options, _store, time), _store, _faults, time, log) { Desired = _folder.Pods.GetValueOrDefault(key) };
        _workers[key] = worker;
        _running.Add(Task.Run(() => worker.RunAsync(adopted, cancellationToken), cancellationToken));
    }
}
