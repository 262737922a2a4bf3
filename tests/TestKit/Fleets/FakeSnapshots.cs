using System.Security.Cryptography;
using EtcdFleet.Agent.V1;

namespace EtcdFleet.TestKit;

/// <summary>The simulated agents' verbs on snapshots.</summary>
internal static class FakeSnapshots
{
    public static object[] Take(FakeNode node, TakeSnapshotRequest request, bool runs, Change change)
    {
        if (request.FromDisk == runs)
        {
            throw request.FromDisk
                ? AgentRefusal.Of(FaultReason.PodRunning, "etcd is not stopped here")
                : AgentRefusal.Of(FaultReason.MemberUnreachable, "the member does not answer");
        }

        var taken = FakeReads.Snapshot(node);
        node.Snapshots.RemoveAll(snapshot => snapshot.Name == taken.Name);
        node.Snapshots.Insert(0, taken);
        return [new TakeSnapshotResponse { Progress = new() { Doing = "reading", Done = 1, Total = 2 } }, new TakeSnapshotResponse { Result = new() { Change = change, Snapshot = taken } }];
    }

    public static ReceiveSnapshotResponse Receive(FakeNode node, ReceiveSnapshotRequest request, Change change)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(request.Data.ToByteArray())) != request.Snapshot.Sha256)
        {
            throw AgentRefusal.Of(FaultReason.DigestMismatch, "what came has another SHA-256 than was announced");
        }

        change.Changed = node.Snapshots.TrueForAll(snapshot => snapshot.Name != request.Snapshot.Name);
        if (change.Changed)
        {
            node.Snapshots.Insert(0, request.Snapshot);
        }

        return new() { Change = change, Snapshot = request.Snapshot };
    }

    public static object[] Drill(FakeNode node, DrillSnapshotRequest request, Change change)
    {
        var snapshot = node.Snapshots.Find(snapshot => snapshot.Name == request.Name) ?? throw AgentRefusal.Of(FaultReason.InvalidRequest, $"{request.Name} does not exist");
        if (snapshot.Problem.Length > 0)
        {
            throw AgentRefusal.Of(FaultReason.SnapshotDamaged, snapshot.Problem);
        }

        return
        [
            new DrillSnapshotResponse { Progress = new() { Doing = "restoring it aside", Done = 1, Total = 2 } },
            new DrillSnapshotResponse { Result = new() { Change = change, Snapshot = snapshot, EtcdVersion = "3.6.6", Comparison = DrillComparison.Live, Restored = new() { Hash = 7, Revision = snapshot.LastRevision }, ReadyAfter = new() { Seconds = 1 } } },
        ];
    }
}
