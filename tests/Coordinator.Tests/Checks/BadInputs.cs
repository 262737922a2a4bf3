using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.TestKit;
using Google.Protobuf.WellKnownTypes;
using Place = EtcdFleet.Agent.V1.StaticPod.Types.Place;

namespace EtcdFleet.Coordinator.Tests.Checks;

/// <summary>Everything that a migration refuses to begin with, one by one.</summary>
/// <param name="Check">The finding's check.</param>
/// <param name="Node">The finding's node.</param>
/// <param name="Found">Words that must be in it.</param>
/// <param name="Spoil">Makes a healthy fleet so.</param>
internal sealed record BadInput(string Check, string Node, string Found, Action<FakeFleet> Spoil)
{
    public Fleet Inventory { get; init; } = TestKit.Inventory.Of(3);
}

internal static class BadInputs
{
    public static IReadOnlyDictionary<string, BadInput> All { get; } = new Dictionary<string, BadInput>
    {
        ["member unhealthy"] = new("member", "cp2", "its member is not healthy: connection refused", fleet => fleet["cp2"].Sick = "connection refused"),
        ["member missing"] = new("member-name", "cp3", "no member of the cluster is this node's", fleet =>
        {
            foreach (var node in fleet.Nodes)
            {
                node.Member = member => member.Members.RemoveAt(2);
            }
        }),
        ["alarm"] = new("agreement", "fleet", "cp1 sees the alarm NOSPACE on a3", fleet => Every(fleet, member => member.Alarms.Add(new Alarm { MemberId = 0xA3, Kind = "NOSPACE" }))),
        ["learner"] = new("learner", "fleet", "member a3 'cp3' is a learner", fleet => Every(fleet, member => member.Members[2].Learner = true)),
        ["learner that answers"] = new("agreement", "fleet", "cp3 is a learner", fleet => fleet["cp3"].Member = member => member.Learner = true),
        ["even count"] = new("quorum", "fleet", "2 members cannot spare one", _ => { }) { Inventory = TestKit.Inventory.Of(2) },
        ["one member"] = new("quorum", "fleet", "1 members cannot spare one", _ => { }) { Inventory = TestKit.Inventory.Of(1) },
        ["name differs"] = new("member-name", "cp2", "its member a2 is named 'kkg-cp2', expected 'cp2' (IR-6)", fleet => fleet["cp2"].MemberName = "kkg-cp2"),
        ["name differs in the manifest"] = new("member-name", "cp2", "its manifest says --name=other", Facts("cp2", facts => facts.EtcdPod.Name = "other")),
        ["member of no node"] = new("member-name", "fleet", "member ff 'cp9' at https://cp9:2380 is no node of the inventory", fleet =>
            Every(fleet, member => member.Members.Add(new ClusterMember { Id = 0xFF, Name = "cp9", PeerUrls = { "https://cp9:2380" } }))),
        ["certificate missing"] = new("certificate", "cp1", "/etc/kubernetes/pki/etcd/server.crt is missing", Facts("cp1", facts => facts.Certificates[0].Exists = false)),
        ["certificate expired"] = new("certificate", "cp1", "/etc/kubernetes/pki/etcd/peer.crt expired at 2026-11-", Facts("cp1", facts => facts.Certificates[1].NotAfter = facts.Agent.Now - Days(1))),
        ["certificate not valid yet"] = new("certificate", "cp1", "is not valid before", Facts("cp1", facts => facts.Certificates[1].NotBefore = facts.Agent.Now + Days(1))),
        ["certificate unreadable"] = new("certificate", "cp1", "cannot be used: not a certificate", Facts("cp1", facts => facts.Certificates[0].Problem = "not a certificate")),
        ["key missing"] = new("certificate", "cp1", "/etc/kubernetes/pki/etcd/server.key is missing", Facts("cp1", facts => facts.Keys[0].Exists = false)),
        ["key does not fit"] = new("certificate", "cp1", "/etc/kubernetes/pki/etcd/server.key cannot be used: it is not server.crt's", Facts("cp1", facts => facts.Keys[0].Problem = "it is not server.crt's")),
        ["key out of etcd's reach"] = new("certificate", "cp1", "/etc/kubernetes/pki/etcd/server.key lies where the etcd user cannot get to", Facts("cp1", facts => facts.Keys[0].EtcdCanReach = false)),
        ["other version runs"] = new("version", "cp1", "etcd 3.5.16 runs, the inventory says 3.6.6", fleet => fleet["cp1"].Member = member => member.Version = "3.5.16"),
        ["other version installed"] = new("version", "cp1", "/usr/local/bin/etcd is 3.5.16, the Pod's 3.6.6", Facts("cp1", facts => facts.Release.Etcd = "3.5.16")),
        ["other data dir"] = new("data-dir", "cp1", "the manifest's data dir is /data/etcd, the inventory's /var/lib/etcd", Facts("cp1", facts => facts.EtcdPod.DataDir = "/data/etcd")),
        ["data dir missing"] = new("data-dir", "cp1", "/var/lib/etcd does not exist", Facts("cp1", facts => facts.DataDir.Exists = false)),
        ["data dir without a log"] = new("data-dir", "cp1", "/var/lib/etcd has no write-ahead log", Facts("cp1", facts => facts.DataDir.HasWal = false)),
        ["data dir with a link"] = new("data-dir", "cp1", "member/wal is a link", Facts("cp1", facts => facts.DataDir.Problem = "member/wal is a link")),
        ["no room for the snapshot"] = new("room", "cp1", "MiB free, expected 86 for snapshots", Facts("cp1", facts => Volume(facts, "snapshots").Free = 10 << 20)),
        ["no room for binaries"] = new("room", "cp1", "MiB free, expected 300 for releases", Facts("cp1", facts => Volume(facts, "releases").Free = 10 << 20)),
        ["room unknown"] = new("room", "cp1", "nothing is known of the volume for snapshots", Facts("cp1", facts => facts.Volumes.Remove(Volume(facts, "snapshots")))),
        ["read-only"] = new("room", "cp1", "/var/data cannot be written by the agent", Facts("cp1", facts => Volume(facts, "data").Writable = false)),
        ["agent does not answer"] = new("agent", "cp3", "cp3", fleet => fleet["cp3"].AwayUntil = DateTimeOffset.MaxValue),
        ["agent of another version"] = new("agent", "cp2", "the agent 9.9.9 speaks protocol 1, expected 2", Facts("cp2", facts => (facts.Agent.Version, facts.Agent.Protocol) = ("9.9.9", 1))),
        ["agent of another node"] = new("agent", "cp2", "the agent at 10.66.0.12 is wk1's, expected cp2's", Facts("cp2", facts => facts.Agent.Node = "wk1")),
        ["agent at work"] = new("agent", "cp2", "the agent is at work: StartUnit", fleet => fleet["cp2"].BusyUntil = fleet.Now + TimeSpan.FromMinutes(1)),
        ["one machine twice"] = new("machine", "cp2", "cp1 and cp2 are one machine", Facts("cp2", facts => (facts.Agent.MachineId, facts.Agent.Hostname) = ("id-cp1", "cp1"))),
        ["manifest in both places"] = new("manifest", "cp1", "is in /etc/kubernetes/manifests and in /etc/kubernetes/etcdfleet-stash", Facts("cp1", facts => facts.EtcdPod.Place = Place.Both)),
        ["no manifest"] = new("manifest", "cp1", "no etcd manifest", Facts("cp1", facts => facts.EtcdPod.Place = Place.Unspecified)),
        ["manifest that cannot be carried over"] = new("manifest", "cp1", "the static Pod cannot be carried over: two containers", Facts("cp1", facts => facts.EtcdPod.Problem = "two containers")),
        ["flags that cannot be carried over"] = new("manifest", "cp1", "cannot be carried over: --x has no equal", fleet => fleet["cp1"].RenderProblem = "--x has no equal"),
        ["unit runs beside the Pod"] = new("unit", "cp1", "etcd.service is activating beside the static Pod", fleet => fleet["cp1"].UnitActive = "activating"),
        ["no etcd user"] = new("etcd-user", "cp1", "there is no user or no group etcd", Facts("cp1", facts => facts.EtcdUser.GroupExists = false)),
        ["container runtime silent"] = new("container-runtime", "cp1", "containerd.sock: connection refused", Facts("cp1", facts => facts.ContainerRuntime.Problem = "connection refused")),
        ["two nodes half-way"] = new("half-way", "cp1", "2 nodes have a stashed manifest and no running etcd", fleet => (fleet["cp1"].Place, fleet["cp2"].Place) = (Place.Stashed, Place.Stashed)),
    };

    private static Action<FakeFleet> Facts(string node, Action<GetNodeResponse> change) => fleet => fleet[node].Facts = change;

    private static void Every(FakeFleet fleet, Action<GetMemberResponse> change)
    {
        foreach (var node in fleet.Nodes)
        {
            node.Member = change;
        }
    }

    private static Volume Volume(GetNodeResponse facts, string purpose) => facts.Volumes.Single(volume => volume.Purpose == purpose);

    private static Duration Days(int days) => Duration.FromTimeSpan(TimeSpan.FromDays(days));
}
