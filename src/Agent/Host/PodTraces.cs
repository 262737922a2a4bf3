using EtcdFleet.Agent.Kube;

namespace EtcdFleet.Agent.Host;

/// <summary>Looks for the four signs on the machine itself; the kubelet and its mirror Pod are not asked (FACTS 3).</summary>
internal sealed class PodTraces(HostRoot root, IContainerRuntime runtime) : IPodTraces
{
    public bool LockTaken(EtcdManifest manifest) => DatabaseLock(manifest).Left;

    public async Task<IReadOnlyList<PodTrace>> LookAsync(EtcdManifest manifest, CancellationToken cancellationToken)
    {
        // The runtime answers while /proc is read.
        var containers = ContainersAsync(cancellationToken);
        var processes = Task.Run(() => Processes(manifest), cancellationToken);
        var ports = Ports(manifest);
        return [await containers, await processes, ports, DatabaseLock(manifest)];
    }

    private async Task<PodTrace> ContainersAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await runtime.RunningEtcdContainersAsync(cancellationToken);
            return found.Count == 0
                ? new(PodSign.Container, Left: false, $"no etcd container in the runtime at {runtime.Socket}")
                : new(PodSign.Container, Left: true, $"etcd container {string.Join(", ", found)} in the runtime at {runtime.Socket}");
        }
        catch (IOException e)
        {
            return new(PodSign.Container, Left: true, e.Message);
        }
    }

    private PodTrace Processes(EtcdManifest manifest)
    {
        try
        {
            var found = OpenFiles.Look(root.Proc, EtcdFiles(root.At(manifest.DataDir)));
            var but = found.Hidden.Count == 0 ? "" : $"; not looked into, neither etcd nor a Pod's: {string.Join(", ", found.Hidden)}";
            return found.Holders.Count == 0
                ? new(PodSign.Process, Left: false, $"no process has files of {manifest.DataDir}/member open{but}")
                : new(PodSign.Process, Left: true, $"{string.Join(", ", found.Holders)} with files of {manifest.DataDir}/member open");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(PodSign.Process, Left: true, $"the open files of the processes cannot be looked at: {e.Message}");
        }
    }

    private PodTrace Ports(EtcdManifest manifest)
    {
        var urls = manifest.ListenClientUrls.Concat(manifest.ListenPeerUrls).Concat(Urls(manifest.Flag("listen-metrics-urls"))).ToList();
        try
        {
            var taken = ListeningPorts.Taken(root.Proc, urls);
            return taken.Count == 0
                ? new(PodSign.Port, Left: false, $"ports {string.Join(", ", urls.Select(url => url.Port).Distinct().Order())} are free")
                : new(PodSign.Port, Left: true, $"{string.Join(", ", taken)} in use");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return new(PodSign.Port, Left: true, $"the listening ports cannot be looked at: {e.Message}");
        }
    }

    private PodTrace DatabaseLock(EtcdManifest manifest)
    {
        var database = $"{manifest.DataDir}/member/snap/db";
        try
        {
            return FileLock.IsFree(root.At(database)) switch
            {
                null => new(PodSign.Lock, Left: false, $"{database} does not exist"),
                true => new(PodSign.Lock, Left: false, $"the lock of {database} is free"),
                false => new(PodSign.Lock, Left: true, $"the lock of {database} is taken"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(PodSign.Lock, Left: true, $"the lock of {database} cannot be tried: {e.Message}");
        }
    }

    private static IEnumerable<Uri> Urls(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(url => Uri.TryCreate(url, UriKind.Absolute, out var parsed) ? parsed : null).OfType<Uri>();

    /// <summary>The database, the write-ahead log's folder and everything in it.</summary>
    private static HashSet<FileId> EtcdFiles(string dataDir)
    {
        var wal = Path.Combine(dataDir, "member", "wal");
        var paths = Directory.Exists(wal) ? Directory.EnumerateFileSystemEntries(wal, "*", SearchOption.AllDirectories).Append(wal) : [];
        return [.. paths.Append(Path.Combine(dataDir, "member", "snap", "db")).Select(path => Native.Stat(path)?.Identity).OfType<FileId>()];
    }
}
