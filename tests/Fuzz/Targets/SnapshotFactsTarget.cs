using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Schedules;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>NAME.db.json beside a snapshot on a node: facts that can be listed, judged and written again, or none. The snapshot is listed in any case.</summary>
internal sealed class SnapshotFactsTarget : FuzzTarget, IDisposable
{
    private const string FileName = "etcd-20261125T190000Z-schedule.db";

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 20, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotFolder _snapshots;
    private readonly string _file;

    public SnapshotFactsTarget()
        : base("snapshot-facts")
    {
        var root = new HostRoot(_folder.Path);
        _snapshots = new SnapshotFolder(root, new Ownership(root));
        _snapshots.Prepare();
        File.WriteAllBytes(Path.Combine(root.Snapshots, FileName), new byte[544]);
        _file = Path.Combine(root.Snapshots, $"{FileName}.json");
    }

    public override IReadOnlyList<string> Words =>
    [
        $"\"name\": \"{FileName}\"", "\"size\": 544", "\"sha256\": ", "\"revision\": ", "\"cluster_id\": ", "\"member_id\": ", "\"etcd_version\": \"3.6.6\"", "\"taken\": \"2026-11-25T19:00:00+00:00\"", "\"opened_by\": \"etcdutl 3.6.6\"", "\"checked\": ",
        "\"problem\": ", "\"last_revision\": ", "\"keys\": ", "\"cluster_hash\": {\"hash\": 1, \"revision\": 2, \"compact_revision\": 1}", "\"scheduled\": true", "null", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "-9223372036854775808",
    ];

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        var listed = _snapshots.List();
        Require(listed.Count == 1 && listed[0].Name == FileName, $"listed are {listed.Count}");
        Require(Snapshot.Parser.ParseFrom(listed[0].ToByteArray()).Equals(listed[0]), "on the wire it is another one");
        _ = SnapshotRetention.Superfluous(listed, new SnapshotSettings { Keep = 0, KeepDays = 0, KeepVerified = 0 }, Now);
        _ = SnapshotRecord.Newest(_snapshots);
        if (_snapshots.Facts(FileName) is not { } facts)
        {
            Require(!listed[0].Verified, "verified, and nothing is known of it");
            return Refused(listed[0].Problem);
        }

        Require(facts is { Name: not null, Sha256: not null, EtcdVersion: not null, OpenedBy: not null, Problem: not null }, "facts without what they have to have");
        _snapshots.Note(facts);
        Require(_snapshots.Facts(FileName) == facts, "written again they are others");
        Require(!_snapshots.NoteFacts(facts), "the same facts are noted twice");
        return true;
    }

    public void Dispose() => _folder.Dispose();
}
