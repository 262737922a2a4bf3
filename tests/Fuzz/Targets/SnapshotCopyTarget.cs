using System.Security.Cryptography;
using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Procedures;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>NAME.db.json beside a copy off the nodes: the catalogue lists the copy whatever it says, and a restore takes of it what is true of these bytes.</summary>
internal sealed class SnapshotCopyTarget : FuzzTarget, IDisposable
{
    private const string FileName = "etcd-20261125T190000Z-run-1.db";

    private static readonly Fleet Nobody = new() { Cluster = "kkg", Nodes = [], Etcd = new EtcdSettings { Version = "3.6.6" } };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeFleet _fleet = new(Inventory.Of(1));
    private readonly string _snapshot;

    public SnapshotCopyTarget()
        : base("snapshot-copy")
    {
        var page = new byte[512];
        _snapshot = _folder.At(FileName);
        File.WriteAllBytes(_snapshot, [.. page, .. SHA256.HashData(page)]);
    }

    public override IReadOnlyList<string> Words =>
    [
        $"\"name\": \"{FileName}\"", "\"size\": 544", $"\"sha256\": \"{"c0ffee".PadRight(64, '0')}\"", "\"revision\": ", "\"cluster_id\": ", "\"member_id\": ", "\"etcd_version\": \"3.6.6\"", "\"taken\": \"2026-11-25T19:00:00+00:00\"", "\"opened_by\": ",
        "\"checked\": ", "\"last_revision\": ", "\"keys\": ", "\"cluster_hash\": {\"hash\": 1, \"revision\": 2, \"compact_revision\": 1}", "null", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "[", "\\ud800",
    ];

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes($"{_snapshot}.json", input);
        var catalogue = SnapshotCatalogue.OfAsync(Nobody, _fleet, [_folder.Path], CancellationToken.None).GetAwaiter().GetResult();
        var copies = catalogue.Snapshots.Single();
        Require(!SnapshotTable.Row(copies, 1).Any(cell => cell.Any(char.IsControl)), "a control character comes to the terminal");
        Require(Snapshot.Parser.ParseFrom(copies[0].Facts.ToByteArray()).Equals(copies[0].Facts), "on the wire it is another one");

        var local = LocalSnapshot.ReadAsync(_snapshot, CancellationToken.None).GetAwaiter().GetResult().Facts;
        Require(local is { Name: FileName, Size: 544, Verified: false, Taken: not null }, $"the file is {local}");
        return SnapshotCopy.Facts(_snapshot) is not null || Refused(copies[0].Facts.Problem);
    }

    public void Dispose() => _folder.Dispose();
}
