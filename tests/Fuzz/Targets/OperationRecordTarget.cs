using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace EtcdFleet.Fuzz.Targets;

/// <summary>The record of an operation: read whole, or said to be damaged. What is read and written again is read the same.</summary>
internal sealed class OperationRecordTarget : FuzzTarget, IDisposable
{
    private const string Id = "operation-1";

    private readonly TemporaryFolder _folder = new();
    private readonly OperationStore _store;
    private readonly string _file;

    public OperationRecordTarget()
        : base("operation-record")
    {
        var root = new HostRoot(_folder.Path);
        _store = new OperationStore(root, NullLogger<OperationStore>.Instance);
        _file = Path.Combine(root.State, "operations", $"{Id}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
    }

    public override IReadOnlyList<string> Words => ["\"id\":", "\"rpc\":", "\"request_sha256\":", "\"caller\":", "\"started\":\"2026-11-25T19:00:00+00:00\"", "\"ended\":", "\"response\":\"AAAA\"", "\"reason\":", "null", "9999-12-31T23:59:59Z"];

    public override bool Try(byte[] input)
    {
        File.WriteAllBytes(_file, input);
        _store.Review();
        try
        {
            var record = _store.Find(Id) ?? throw new FuzzFinding("a record that is there was not seen");
            Require(record is { Id: not null, Rpc: not null, RequestSha256: not null, Caller: not null, Run: not null, Step: not null, Message: not null }, "a record without what it has to have");
            _store.Write(record with { Id = Id });
            var again = _store.Find(Id)!;
            Require(again with { Response = null } == record with { Id = Id, Response = null }, "written again it is another record");
            Require((again.Response ?? []).SequenceEqual(record.Response ?? []), "written again it has another answer");
            return true;
        }
        catch (IOException damaged)
        {
            return Refused(damaged.Message, longest: 100_000);
        }
    }

    public void Dispose() => _folder.Dispose();
}
