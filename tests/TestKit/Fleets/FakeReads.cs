using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Node;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace EtcdFleet.TestKit;

/// <summary>The simulated agents' verbs that change nothing.</summary>
internal sealed class FakeReads(FakeFleet fleet)
{
    /// <summary>What a snapshot holds, whoever takes it.</summary>
    public static byte[] SnapshotContent { get; } = Content();

    public static Snapshot Snapshot(FakeNode node) => new()
    {
        Name = $"etcd-20261123T031500Z-{node.Name}.db", Size = (ulong)SnapshotContent.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(SnapshotContent)), Verified = !node.NoEtcdutl,
        OpenedBy = node.NoEtcdutl ? "" : "etcdutl 3.6.6", MemberId = node.MemberId, ClusterId = 0xC1, EtcdVersion = Inventory.EtcdVersion, Revision = 10_000, LastRevision = 10_001, Keys = 12,
        Taken = new() { Seconds = 1_795_403_700 }, Checked = new() { Seconds = 1_795_403_701 },
    };

    /// <summary>Whole pages and their digest, as etcd sends them.</summary>
    private static byte[] Content()
    {
        byte[] pages = [.. Enumerable.Range(0, 4096).Select(i => (byte)i)];
        return [.. pages, .. SHA256.HashData(pages)];
    }

    public async Task<object> AnswerAsync(string rpc, FakeNode node, IMessage request, CancellationToken cancellationToken) => request switch
    {
        GetNodeRequest => Facts(node),
        GetMemberRequest => Member(node),
        HashMemberRequest hash => Hash(node, hash.Revision),
        RenderEtcdEnvRequest => node.RenderProblem.Length == 0
            ? new RenderEtcdEnvResponse { Rows = { Rows() } }
            : throw AgentRefusal.Of(FaultReason.ManifestUnreadable, node.RenderProblem),
        AwaitPodGoneRequest wait => await PodGoneAsync(node, TimeSpan.FromMilliseconds(wait.TimeoutMs), cancellationToken),
        ListSnapshotsRequest => new ListSnapshotsResponse { Snapshots = { node.Snapshots }, Schedule = node.Schedule },
        VerifySnapshotRequest verify => new VerifySnapshotResponse { Snapshot = node.Snapshots.Find(snapshot => snapshot.Name == verify.Name) ?? throw AgentRefusal.Of(FaultReason.InvalidRequest, $"{verify.Name} does not exist") },
        ReadSnapshotRequest => (object[])[.. SnapshotContent.Chunk(1000).Select(chunk => (object)new ReadSnapshotResponse { Data = ByteString.CopyFrom(chunk) })],
        _ => await new FakeKubernetes(fleet).ReadAsync(node, request, cancellationToken) ?? await new FakeRestores(fleet).ReadAsync(node, request, cancellationToken) ?? throw new NotSupportedException($"{rpc} is not simulated"),
    };

    public static IEnumerable<EnvRow> Rows() =>
    [
        new() { Origin = EnvRow.Types.Origin.Flag, Flag = "--name", Variable = "ETCD_NAME" },
        new() { Origin = EnvRow.Types.Origin.Added, Variable = "ETCD_INITIAL_CLUSTER_STATE", Value = "existing" },
    ];

    public static Unit Unit(FakeNode node) => new()
    {
        Name = "etcd.service", Installed = node.UnitInstalled, Enabled = node.UnitEnabled, Active = node.UnitActive, MainPid = node.UnitUp ? 4242u : 0, Invocation = node.UnitUp ? "1a2b" : "",
    };

    private GetNodeResponse Facts(FakeNode node)
    {
        var now = fleet.Now;
        var facts = new GetNodeResponse
        {
            Agent = new()
            {
                Version = "0.1.0", Protocol = GetNode.Protocol, Node = node.Name, Hostname = node.Name, Architecture = "amd64", Now = Timestamp.FromDateTimeOffset(now), MachineId = $"id-{node.Name}",
                BusyWith = now < node.BusyUntil ? "StartUnit (A3/cp2/start-etcd)" : "",
            },
            EtcdPod = new()
            {
                Place = node.Place, Name = node.MemberName, DataDir = "/var/lib/etcd", EtcdVersion = Inventory.EtcdVersion, Image = $"registry.k8s.io/etcd:{Inventory.EtcdVersion}-0",
                Manifest = new() { Path = "/etc/kubernetes/manifests/etcd.yaml", Sha256 = new string('a', 64) }, Flags = { new Flag { Name = "name", Value = node.MemberName } },
            },
            DataDir = new() { Path = "/var/lib/etcd", Exists = true, HasWal = true, DatabaseSize = 20 << 20, Owner = new() { Path = "/var/lib/etcd" } },
            Release = new() { Etcd = node.Installed, Etcdctl = node.Installed, Etcdutl = node.Installed },
            EtcdUser = new() { UserExists = true, GroupExists = true, Uid = 990, Gid = 990 },
            ContainerRuntime = new() { Socket = "/run/containerd/containerd.sock", Version = "2.1.0" },
            Units = { Unit(node) },
            Certificates = { Certificate("server.crt", now), Certificate("peer.crt", now) },
            Keys = { new PrivateKey { Path = "/etc/kubernetes/pki/etcd/server.key", Exists = true, EtcdCanReach = true } },
            Volumes =
            {
                ((string[])["data", "snapshots", "releases"]).Select(purpose => new Volume { Purpose = purpose, Path = $"/var/{purpose}", Free = 10UL << 30, Size = 20UL << 30, Writable = true }),
            },
        };
        node.Facts(facts);
        return facts;
    }

    private static Certificate Certificate(string name, DateTimeOffset now) => new()
    {
        Path = $"/etc/kubernetes/pki/etcd/{name}", Exists = true, EtcdCanReach = true, Subject = "CN=etcd",
        NotBefore = Timestamp.FromDateTimeOffset(now - TimeSpan.FromDays(100)), NotAfter = Timestamp.FromDateTimeOffset(now + TimeSpan.FromDays(265)),
    };

    private GetMemberResponse Member(FakeNode node)
    {
        var now = fleet.Now;
        var answer = new GetMemberResponse { Problem = node.Problem(now), Endpoint = "https://127.0.0.1:2379" };
        if (answer.Problem.Length == 0)
        {
            answer.ClusterId = node.Restore.MemberToken is { Length: > 0 } token ? token.Aggregate(fleet.ClusterId, (id, letter) => (id * 31) + letter) : fleet.ClusterId; // a restored cluster has an id of its own
            answer.MemberId = node.MemberId;
            answer.LeaderId = fleet.Leader;
            answer.Problem = fleet.Leader == 0 ? "it sees no leader" : "";
            answer.Version = Inventory.EtcdVersion;
            answer.RaftTerm = 3;
            answer.RaftIndex = answer.RaftAppliedIndex = (ulong)fleet.Revision;
            answer.Revision = fleet.Revision;
            answer.ReadMs = 1;
            answer.Members.AddRange(fleet.Nodes.Select(other => new ClusterMember
            {
                Id = other.MemberId, Name = other.MemberName, PeerUrls = { $"https://{other.Name}:2380" }, ClientUrls = { fleet.Inventory.EtcdEndpoints[fleet.Nodes.ToList().IndexOf(other)] },
            }));
        }

        node.Member(answer);
        return answer;
    }

    private HashMemberResponse Hash(FakeNode node, long asked)
    {
        var revision = asked == 0 ? fleet.Revision : asked;
        var compact = node.CompactRevision ?? fleet.CompactRevision;
        if (!node.MemberUp(fleet.Now))
        {
            throw AgentRefusal.Of(FaultReason.MemberUnreachable, node.Problem(fleet.Now));
        }

        return revision < compact || revision > fleet.Revision
            ? throw AgentRefusal.Of(FaultReason.MemberUnhealthy, $"etcdserver: mvcc: required revision {revision} {(revision < compact ? "has been compacted" : "is a future revision")}")
            : new() { Revision = revision, CompactRevision = compact, Hash = (uint)((revision * 2654435761L) ^ (compact * 40503L) ^ (node.Corrupt ? 1 : 0)) };
    }

    private async Task<AwaitPodGoneResponse> PodGoneAsync(FakeNode node, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (node.Place == StaticPod.Types.Place.InUse)
        {
            throw AgentRefusal.Of(FaultReason.PodRunning, "/etc/kubernetes/manifests/etcd.yaml is in use, expected it to be stashed");
        }

        // The signs are the same, whoever runs etcd: its port, its process on the data dir, the database's lock.
        var left = node.PodSticks || node.UnitUp ? TimeSpan.MaxValue : node.PodGoneFrom > fleet.Now ? node.PodGoneFrom - fleet.Now : TimeSpan.Zero;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left < timeout ? left : timeout, fleet.Time, cancellationToken);
        }

        return left <= timeout
            ? new() { WaitedMs = (uint)left.TotalMilliseconds, Evidence = { "no container", "no process", "ports free", "lock free" } }
            : throw AgentRefusal.Of(FaultReason.PodRunning, $"after {timeout.TotalSeconds} s there is still: port 2379. Expected nothing. Look at the kubelet's log");
    }
}
