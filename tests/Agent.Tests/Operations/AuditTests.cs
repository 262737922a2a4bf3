using System.Text;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>Every mutating call is in the audit with its outcome, and nothing secret is.</summary>
public sealed class AuditTests : AgentFixture
{
    private const string Id = "operation-1";
    private const string Rpc = "/etcdfleet.agent.v1.ManifestService/StashManifest";

    [Fact]
    public async Task Change_IsAuditedBeforeAndAfter_WithWhoAndWhy()
    {
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash(Id);
        await verb.Reached.WaitAsync(Cancel);
        var begin = Assert.Single(Node.Audit);
        Node.Time.Advance(TimeSpan.FromMilliseconds(1500));
        verb.Release();
        await call;

        Assert.Equal(2, Node.Audit.Count);
        var end = Node.Audit[1];
        Assert.Equal(("begin", "", null), (begin.What, begin.Outcome, begin.Milliseconds));
        Assert.Equal(("end", "changed", 1500.0), (end.What, end.Outcome, end.Milliseconds));
        foreach (var record in Node.Audit)
        {
            Assert.Equal(("etcdfleet://kkg/operator/some-operator/operator", Rpc, Id, "run-1", "A3/cp1/stash-manifest"), (record.Caller, record.Rpc, record.Operation, record.Run, record.Step));
            Assert.StartsWith("127.0.0.1:", record.From, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Outcomes_OfAllKinds_AreToldApart()
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        Node.Quorum.Refusal = "2 of 3 members are healthy";
        await FailureAsync(Stash(Id));
        Node.Quorum.Failure = new InvalidOperationException("a bug");
        await FailureAsync(Stash("operation-2"));
        (Node.Quorum.Refusal, Node.Quorum.Failure) = (null, null);
        await Stash("operation-3");
        await Stash("operation-4");
        await Stash("operation-3");
        await FailureAsync(Stash("operation-3", digest: new string('a', 64)));
        await FailureAsync(Stash("short"));

        Assert.Equal(
            [
                "operation-1 end Quorum: 2 of 3 members are healthy",
                "operation-2 end Io: InvalidOperationException: a bug",
                "operation-3 end changed: ",
                "operation-4 end unchanged: ",
                "operation-3 end repeated: ",
                $"operation-3 refused OperationReused: operation operation-3 was {Rpc} with another request; expected a new id for a new call",
                " refused InvalidRequest: operation.id is 'short', expected 8 to 64 characters of [0-9A-Za-z-], chosen by the caller",
            ],
            Node.Audit.Where(record => record.What != "begin").Select(record => $"{record.Operation} {record.What} {record.Outcome}: {record.Detail}"));
    }

    [Fact]
    public async Task Busy_IsAudited()
    {
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash(Id);
        await verb.Reached.WaitAsync(Cancel);

        await FailureAsync(Stash("operation-2"));

        Assert.Equal(("refused", "operation-2", "Busy"), (Node.Audit[^1].What, Node.Audit[^1].Operation, Node.Audit[^1].Outcome));
        verb.Release();
        await call;
    }

    [Fact]
    public async Task Reads_AreNotAudited()
    {
        await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options);

        Assert.Empty(Node.Audit);
    }

    /// <summary>No record, no change: what cannot be accounted for is not begun.</summary>
    [Theory]
    [InlineData("audit.jsonl", StatusCode.Internal, nameof(FaultReason.Io))]
    [InlineData("operations", StatusCode.FailedPrecondition, nameof(FaultReason.UnsafeFile))]
    public async Task Change_ThatCannotBeRecorded_IsNotBegun(string blocked, StatusCode code, string reason)
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        var path = Path.Combine(Node.Root.State, blocked);
        if (blocked == "operations")
        {
            await File.WriteAllTextAsync(path, "", Cancel);
        }
        else
        {
            Directory.CreateDirectory(path);
        }

        var refusal = await RefusalAsync(Stash(Id));

        Assert.Equal((code, reason), (refusal.Code, refusal.Reason.ToString()));
        Assert.Empty(Node.Quorum.Asked);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
        // The lock was let go: only the disk stands in the way.
        Assert.Equal("", (await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options)).Agent.BusyWith);
    }

    /// <summary>Rule 10, for what a request can carry and what lies on the node.</summary>
    [Fact]
    public async Task Secrets_AreNowhereInStateOrLog()
    {
        var fetch = new FetchReleaseRequest
        {
            Operation = TestLease.Operation(Id), Version = "3.6.6", Sha256 = new string('a', 64), Url = "https://127.0.0.1:1/etcd-v${version}-linux-${arch}.tar.gz?token=s3cret-token",
        };
        using (var call = new ReleaseService.ReleaseServiceClient(Channel).FetchRelease(fetch, Options))
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel));
            Assert.Equal(FaultReason.DownloadFailed, RawRpc.ReasonOf(refused));
            Assert.DoesNotContain("s3cret", refused.Status.Detail, StringComparison.Ordinal);
        }

        await new EtcdEnvService.EtcdEnvServiceClient(Channel).WriteEtcdEnvAsync(new() { Operation = TestLease.Operation("operation-2") }, Options);
        await Stash("operation-3");
        await new OwnershipService.OwnershipServiceClient(Channel).ChownEtcdFilesAsync(new() { Operation = TestLease.Operation("operation-4") }, Options);

        Assert.Equal(4, Node.Audit.Count(record => record.What == "end"));
        var kept = Directory.GetFiles(Node.Root.State, "*", SearchOption.AllDirectories).Select(file => Encoding.UTF8.GetString(File.ReadAllBytes(file))).ToList();
        var logged = Agent.Logs.Lines.Select(line => $"{line.Text} {line.Failure}");
        var key = (await File.ReadAllLinesAsync(Node.Root.At(TempHostRoot.ServerKey), Cancel))[1];
        Assert.All(kept.Concat(logged), text =>
        {
            Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE KEY", text, StringComparison.Ordinal);
        });
        Assert.Equal("0:0 0600", Node.Host.OwnerOf("/var/lib/etcdfleet/audit.jsonl"));
        Assert.Equal("0:0 0600", Node.Host.OwnerOf($"/var/lib/etcdfleet/operations/{Id}.json"));
        Assert.Equal("0:0 0700", Node.Host.OwnerOf("/var/lib/etcdfleet/operations"));
    }
}
