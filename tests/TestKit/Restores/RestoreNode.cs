using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Restores;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.TestKit;

/// <summary>A node whose etcd runs under systemd, with the verbs of a restore on it: real files, a real etcdutl, a fake systemd and /proc.</summary>
/// <remarks>The verbs keep nothing between calls, so a second node is not needed to play an agent that died and came back.</remarks>
internal sealed class RestoreNode : IDisposable
{
    public const string Snapshot = "etcd-20261123T031500Z-run-0.db";
    public const string Token = "etcdfleet-0011223344556677";
    public const string PeerUrl = "https://10.66.0.11:2380";

    public RestoreNode()
    {
        Systemd = new FakeSystemd(Root, Time);
        Proc = new FakeProc(Root);
        Host.Stash();
        Host.Write("/etc/systemd/system/etcd.service", "[Unit]\n");
        Systemd.Run("etcd.service");
        File.CreateSymbolicLink(Path.Combine(Root.Binaries, "etcdutl"), EtcdBinaries.At("etcdutl"));
        WriteControlPlane(Host);
        foreach (var file in Directory.EnumerateFileSystemEntries(DataDir, "*", SearchOption.AllDirectories).Append(DataDir))
        {
            Ownership.Set(file, Native.Stat(file)!.Value.Owner with { User = TempHostRoot.EtcdUser, Group = TempHostRoot.EtcdGroup });
        }
    }

    public TempHostRoot Host { get; } = new();

    public HostRoot Root => Host.Root;

    public SkippingTime Time { get; } = new();

    public FakeSystemd Systemd { get; }

    public FakeProc Proc { get; }

    public FakePodTraces Traces { get; } = new();

    public OneMember Members { get; } = new();

    public IPrograms Programs { get; set; } = new Programs(TimeProvider.System);

    public string DataDir => Root.At(TempHostRoot.DataDir);

    public RestoreRecords Records => new(Root, Ownership, Time);

    private Ownership Ownership => new(Root);

    private RestoreFolder Folder => new(Root, Ownership, new UserDatabase(Root));

    private ControlPlaneManifests ControlPlane => new(Root);

    private EtcdManifests Manifests => new(Root);

    /// <summary>The data dir's names, without the digits that differ from run to run.</summary>
    public IReadOnlyList<string> Names => [.. Directory.EnumerateFileSystemEntries(DataDir).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>Lays the snapshot down as ReceiveSnapshot would.</summary>
    public async Task<RestoreNode> WithSnapshotAsync()
    {
        Host.Folder("/var/backups/etcd", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllBytesAsync(Path.Combine(Root.Snapshots, Snapshot), await RealSnapshot.BytesAsync());
        return this;
    }

    /// <summary>A node on which etcd may be stopped for the restore.</summary>
    public async Task<RestoreNode> WithControlPlaneStoppedAsync()
    {
        await WithSnapshotAsync();
        await PrepareAsync();
        await StopControlPlaneAsync();
        return this;
    }

    /// <summary>A node on which the data may be swapped.</summary>
    public async Task<RestoreNode> WithEtcdStoppedAsync()
    {
        await WithControlPlaneStoppedAsync();
        await StopAsync();
        return this;
    }

    public async Task<PrepareRestoreResponse> PrepareAsync(string? sha256 = null, string token = Token, string name = Snapshot, string peerUrl = PeerUrl, string run = "run-1") => await Run(
        new PrepareRestore(Root, Manifests, new SnapshotFolder(Root, Ownership), Folder, new RestoreTool(Root, Programs), Records),
        new PrepareRestoreRequest { Operation = new() { Run = run }, Name = name, Sha256 = sha256 ?? await RealSnapshot.Sha256Async(), Token = token, Members = { new RestoredMember { Name = "cp1", PeerUrls = { peerUrl } }, new RestoredMember { Name = "cp2", PeerUrls = { "https://10.66.0.12:2380" } } } });

    public async Task<StopControlPlaneResponse> StopControlPlaneAsync(string? sha256 = null) =>
        await Run(new StopControlPlane(Root, ControlPlane, new LocalMember(Manifests, Members), Ownership, Records), new StopControlPlaneRequest { Sha256 = sha256 ?? await RealSnapshot.Sha256Async() });

    public Task<AwaitControlPlaneGoneResponse> AwaitGoneAsync(uint milliseconds = 0) => Run(new AwaitControlPlaneGone(ControlPlane, Time), new AwaitControlPlaneGoneRequest { TimeoutMs = milliseconds });

    public Task<StartControlPlaneResponse> StartControlPlaneAsync() => Run(new StartControlPlane(Root, ControlPlane, Ownership, Records), new StartControlPlaneRequest());

    public async Task<StopForRestoreResponse> StopAsync(string? sha256 = null) => await Run(new StopForRestore(Systemd, Records), new StopForRestoreRequest { Sha256 = sha256 ?? await RealSnapshot.Sha256Async() });

    public async Task<SwapDataDirResponse> SwapAsync(string? sha256 = null) =>
        await Run(new SwapDataDir(Root, Manifests, Systemd, Traces, Folder, Records, Time), new SwapDataDirRequest { Sha256 = sha256 ?? await RealSnapshot.Sha256Async() });

    public Task<PutBackDataDirResponse> PutBackAsync() => Run(new PutBackDataDir(Manifests, Systemd, Traces, Folder, Records, Time), new PutBackDataDirRequest());

    public Task<EndRestoreResponse> EndAsync() => Run(new EndRestore(Folder, Records), new EndRestoreRequest());

    public Task<GetRestoreResponse> GetAsync() => Run(new GetRestore(Manifests, Folder, Records), new GetRestoreRequest());

    public void Dispose() => Host.Dispose();

    /// <summary>kubeadm's three manifests, as far as the verbs read them.</summary>
    public static void WriteControlPlane(TempHostRoot host)
    {
        foreach (var (program, words) in Commands)
        {
            host.Write($"/etc/kubernetes/manifests/{program}.yaml", $"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: {program}\n    command:\n{string.Concat(words.Select(word => $"    - {word}\n"))}", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    public static IReadOnlyDictionary<string, string[]> Commands { get; } = new Dictionary<string, string[]>
    {
        ["kube-apiserver"] = ["kube-apiserver", "--advertise-address=10.66.0.11", "--etcd-servers=https://127.0.0.1:2379"],
        ["kube-controller-manager"] = ["kube-controller-manager", "--leader-elect=true"],
        ["kube-scheduler"] = ["kube-scheduler", "--leader-elect=true"],
    };

    private static Task<TResponse> Run<TRequest, TResponse>(IVerb<TRequest, TResponse> verb, TRequest request) => verb.RunAsync(request, VerbContext.Silent, CancellationToken.None);
}
