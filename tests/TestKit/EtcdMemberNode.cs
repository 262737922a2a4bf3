using EtcdFleet.Agent.Etcd;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Kube;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs;
using EtcdFleet.Agent.Verbs.Members;
using EtcdFleet.Agent.Verbs.Releases;
using EtcdFleet.Agent.Verbs.Snapshots;

namespace EtcdFleet.TestKit;

/// <summary>One member of an <see cref="EtcdCluster"/>: its files, its etcd, and the agent's verbs on them.</summary>
/// <remarks>Flags in its manifest name real paths of the scratch folder, so that etcd can be run from them.</remarks>
internal sealed class EtcdMemberNode(string prefix, string name, int clientPort, int peerPort) : IAsyncDisposable
{
    /// <summary>What takes the place of the node's root folder.</summary>
    public string Folder { get; } = prefix;

    public HostRoot Root { get; } = new(prefix);

    public string Name { get; } = name;

    public string ClientUrl { get; } = $"https://127.0.0.1:{clientPort}";

    public string PeerUrl { get; } = $"https://127.0.0.1:{peerPort}";

    public string DataDir => Path.Combine(Folder, "data");

    public EtcdProcess? Process { get; private set; }

    /// <summary>Other flags than the manifest's to start etcd with: where the manifest names the data dir as the host does.</summary>
    public IReadOnlyList<string>? Started { get; set; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public IEtcdManifests Manifests => new EtcdManifests(Root);

    public IEtcdMembers Members => new EtcdMembers(Root, Time);

    public LocalMember Local => new(Manifests, Members);

    public Ownership Ownership => new(Root);

    public KnownMembers Known => new(Root, Ownership);

    public SnapshotFolder Snapshots => new(Root, Ownership);

    private GetMember GetMember => new(Local, Time);

    public HashMember HashMember => new(Local);

    public MoveLeader MoveLeader => new(Local, Members, Time);

    public QuorumGuard Guard => new(Manifests, Members, Known, Time);

    public SnapshotOpening Opening => new(Etcdutl, Time);

    /// <summary>What is left of etcd's processes, as a test sets it.</summary>
    public FakePodTraces Traces { get; } = new();

    public TakeSnapshot TakeSnapshot => new(Root, Manifests, Local, Snapshots, Opening, new(Root, Manifests, Traces, Etcdutl, new(Root, Ownership, new Reserve(Root)), Programs, Time), Time);

    public VerifySnapshot VerifySnapshot => new(Snapshots, Opening, Time);

    public DrillSnapshot DrillSnapshot => new(Root, Snapshots, VerifySnapshot, Etcdutl, new(Root, Ownership, new Reserve(Root)), new(Local), Programs, Time);

    public ReleaseCache Releases => new(Root, Ownership, Time);

    public static Programs Programs { get; } = new(TimeProvider.System);

    /// <summary>The real one, where <see cref="InstallPrograms"/> has put it.</summary>
    public Etcdutl Etcdutl => new(Root, new EtcdPrograms(Root, new InstalledBinaries(Root, Programs)), Releases, Programs);

    /// <summary>Copies the real etcd's programs to the node's /usr/local/bin.</summary>
    public void InstallPrograms()
    {
        Directory.CreateDirectory(Root.Binaries);
        foreach (var name in ReleaseName.Programs)
        {
            File.Copy(EtcdBinaries.At(name), Path.Combine(Root.Binaries, name));
        }
    }

    /// <summary>GetMember's answer.</summary>
    public Task<GetMemberResponse> AskAsync(CancellationToken cancellationToken) => GetMember.RunAsync(new(), VerbContext.Silent, cancellationToken);

    /// <summary>The flags of kubeadm 1.33's manifest (etcd 3.5), with this member's addresses and quick elections.</summary>
    public IReadOnlyList<string> Flags(string initialCluster, string state = "") =>
    [
        $"--advertise-client-urls={ClientUrl}",
        $"--cert-file={Root.EtcdPki}/server.crt",
        "--client-cert-auth=true",
        $"--data-dir={DataDir}",
        "--election-timeout=500",
        "--experimental-initial-corrupt-check=true",
        "--experimental-watch-progress-notify-interval=5s",
        "--heartbeat-interval=50",
        $"--initial-advertise-peer-urls={PeerUrl}",
        $"--initial-cluster={initialCluster}",
        .. state.Length == 0 ? Array.Empty<string>() : [$"--initial-cluster-state={state}"],
        $"--key-file={Root.EtcdPki}/server.key",
        $"--listen-client-urls={ClientUrl}",
        $"--listen-peer-urls={PeerUrl}",
        $"--name={Name}",
        $"--peer-cert-file={Root.EtcdPki}/peer.crt",
        "--peer-client-cert-auth=true",
        $"--peer-key-file={Root.EtcdPki}/peer.key",
        $"--peer-trusted-ca-file={Root.EtcdPki}/ca.crt",
        "--snapshot-count=10000",
        $"--trusted-ca-file={Root.EtcdPki}/ca.crt",
        "--unsafe-no-fsync=true",
    ];

    /// <summary>Writes the manifest that names these flags, in use.</summary>
    public void WriteManifest(IEnumerable<string> flags)
    {
        Directory.CreateDirectory(Root.Manifests);
        File.WriteAllText(Root.EtcdManifest, KubeadmManifest.Text(flags, DataDir, Root.EtcdPki, "registry.k8s.io/etcd:3.5.16-0"));
    }

    /// <summary>Starts etcd from its manifest's flags, without waiting.</summary>
    public void Start() => Process = EtcdProcess.Start(Started ?? Manifests.Get().Manifest.Flags.Select(flag => $"--{flag.Key}={flag.Value}"), []);

    public ValueTask DisposeAsync() => Process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
