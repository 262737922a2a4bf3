using EtcdFleet.Agent;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.Agent.Verbs.Snapshots;
using EtcdFleet.TestKit;
using Google.Protobuf;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>The first message of a snapshot that is sent to a node: facts as they will stand beside the file, or INVALID_REQUEST.</summary>
internal sealed class SnapshotAnnouncementTarget : FuzzTarget, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SnapshotFolder _snapshots;
    private readonly SnapshotArrival _arrival;

    public SnapshotAnnouncementTarget()
        : base("snapshot-announcement")
    {
        var root = new HostRoot(_folder.Path);
        _snapshots = new SnapshotFolder(root, new Ownership(root));
        _snapshots.Prepare();
        _arrival = new SnapshotArrival(root, _snapshots);
    }

    public override IReadOnlyList<string> Words => ["etcd-20261125T190000Z-run-1.db", "3.6.6", "etcdutl 3.6.6", "../", "\u0008\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u007F", "B\u0006", "Z\u0006"];

    public override int Few => 4000;

    public override bool Try(byte[] input)
    {
        ReceiveSnapshotRequest request;
        try
        {
            request = ReceiveSnapshotRequest.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return false; // it does not come to the verb
        }

        try
        {
            var facts = _arrival.Facts(request);
            Require(_snapshots.At(facts.Name).StartsWith(_folder.Path, StringComparison.Ordinal) && Path.GetFileName(facts.Name) == facts.Name, "a path for a name");
            Require(!facts.Scheduled, "a stranger's snapshot that retention would remove");
            _snapshots.Note(facts);
            Require(_snapshots.Facts(facts.Name) == facts, "read again they are others");
            Require(SnapshotFolder.Describe(facts) is { Sha256.Length: 64, Taken: not null }, "described without digest or time");
            File.Delete($"{_snapshots.At(facts.Name)}.json");
            return true;
        }
        catch (AgentFault fault)
        {
            Require(fault.Reason == FaultReason.InvalidRequest, $"refused as {fault.Reason}");
            return Refused(fault.Message, longest: 400_000);
        }
    }

    public void Dispose() => _folder.Dispose();
}
