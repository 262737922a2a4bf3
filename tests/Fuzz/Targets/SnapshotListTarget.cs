using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Cluster;
using EtcdFleet.Coordinator.Fleets;
using EtcdFleet.Coordinator.Procedures;
using Google.Protobuf;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>What an agent says of its snapshots, which may be a stolen key's: rows and lines for a terminal, or the agent counts as one that has not answered.</summary>
internal sealed class SnapshotListTarget() : FuzzTarget("snapshot-list")
{
    private static readonly FleetNode Node = new() { Name = "cp1", Address = "10.66.0.11", IsLeader = true };

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 20, 0, 0, TimeSpan.Zero);

    public override IReadOnlyList<string> Words => ["etcd-20261125T190000Z-run-1.db", "3.6.6", "etcdutl 3.6.6", "../", "\u001B[2J", "\u0008\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u007F", "B\u0006", "Z\u0006"];

    public override int Few => 4000;

    public override bool Try(byte[] input)
    {
        ListSnapshotsResponse answer;
        try
        {
            answer = ListSnapshotsResponse.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return false; // gRPC itself says so
        }

        var (places, schedule, problem) = SnapshotCatalogue.Read(Node, answer);
        if (problem.Length > 0)
        {
            Require(places.Count == 0 && schedule is null, "not believed, and listed all the same");
            Require(!problem.Any(char.IsControl), "the refusal itself holds control characters");
            return Refused(problem, longest: 400);
        }

        var catalogue = new SnapshotCatalogue(places, [], 1);
        foreach (var cell in catalogue.Snapshots.SelectMany(copies => SnapshotTable.Row(copies, 1)).Concat(places.SelectMany(SnapshotTable.Verdict)).Append(SnapshotWords.Line(Node, places, schedule, Now)))
        {
            Require(!cell.Any(char.IsControl), $"a control character comes to the terminal: {cell}");
        }

        foreach (var place in places)
        {
            _ = CopyFacts.Of(place.Facts).Message();
        }

        return true;
    }
}
