using EtcdFleet.Agent.Tests.Endpoints;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Grpc.Core;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>Safety rule 7: a mutating call is done once, however often it comes.</summary>
public sealed class RepeatTests : AgentFixture
{
    private const string Id = "operation-1";

    public static TheoryData<string> EveryMutatingRpc() => [.. ServedRpcs.Mutating.Select(RawRpc.PathOf)];

    public static TheoryData<string> BadIds() => ["", "seven-7", new string('a', 65), "../../../etc/passwd", "has a blank", "ends-in-a-line-break\n", "umläute-ää"];

    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public async Task Call_WithoutAnOperation_IsRefused(string rpc)
    {
        var answer = await RawRpc.CallAsync(Channel, ServedRpcs.Of(rpc), [], Cancel);

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), (answer.Code, answer.Reason));
        Assert.StartsWith("operation.id is ''", answer.Text, StringComparison.Ordinal);
        Assert.Empty(Node.Operations);
    }

    [Theory]
    [MemberData(nameof(BadIds))]
    public async Task Call_WithAnIdThatIsNone_IsRefused(string id)
    {
        var refusal = await RefusalAsync(Stash(id));

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.InvalidRequest), (refusal.Code, refusal.Reason));
        Assert.Empty(Node.Operations);
        Assert.Empty(Node.Quorum.Asked);
    }

    [Theory]
    [InlineData("A3/cp1/stash-manifest\nREADY=1")]
    [InlineData("A3\u001b[2J")]
    public async Task Call_WithControlCharactersInItsStep_IsRefused(string step)
    {
        Assert.Equal(FaultReason.InvalidRequest, (await RefusalAsync(Stash(Id, step: step))).Reason);
        Assert.Equal(FaultReason.InvalidRequest, (await RefusalAsync(Stash(Id, step: new string('s', 301)))).Reason);
        Assert.Empty(Node.Operations);
    }

    /// <summary>Good or bad, the first answer is the answer; also a new rpc's, and after the agent was replaced.</summary>
    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public async Task Repeat_OfAnyRpc_GetsTheFirstAnswer_AlsoFromTheNextAgent(string rpc)
    {
        var method = ServedRpcs.Of(rpc);
        var request = RawRpc.RequestOf(method, Id, "A3/cp1/some-step");
        var first = await RawRpc.CallAsync(Channel, method, request, Cancel);

        var second = await RawRpc.CallAsync(Channel, method, request, Cancel);
        await RestartAsync();
        var third = await RawRpc.CallAsync(Channel, method, request, Cancel);

        Assert.False(first.Cut);
        foreach (var repeat in (RawAnswer[])[second, third])
        {
            Assert.Equal((first.Code, first.Reason, first.Text), (repeat.Code, repeat.Reason, repeat.Text));
            Assert.Equal(first.Messages.TakeLast(1), repeat.Messages);
        }

        Assert.Single(Node.Audit, record => record.What == "begin");
        Assert.Equal(2, Node.Audit.Count(record => record.Outcome == "repeated"));
    }

    [Fact]
    public async Task Repeat_OfAChange_IsAnsweredFromTheRecord_ByteForByte()
    {
        var first = await Stash(Id);
        Assert.True(first.Change.Changed);
        File.Move(Node.Root.StashedEtcdManifest, Node.Root.EtcdManifest); // the verb would do it again

        var second = await Stash(Id, step: "A3/cp1/another-word-for-it");
        await RestartAsync();
        var third = await Stash(Id);

        Assert.Equal(first.ToByteArray(), second.ToByteArray());
        Assert.Equal(first.ToByteArray(), third.ToByteArray());
        Assert.Single(Node.Quorum.Asked);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
    }

    [Fact]
    public async Task Repeat_OfARefusal_IsRefusedAgain_AlthoughItWouldSucceedNow()
    {
        Node.Quorum.Refusal = "2 of 3 members are healthy, expected 3";
        var first = await RefusalAsync(Stash(Id));
        Node.Quorum.Refusal = null;

        Assert.Equal(first, await RefusalAsync(Stash(Id)));
        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.Quorum, "2 of 3 members are healthy, expected 3"), first);
        Assert.True((await Stash("operation-2")).Change.Changed);
    }

    [Fact]
    public async Task SameId_WithAnotherRequest_IsRefused()
    {
        await Stash(Id);

        var refusal = await RefusalAsync(Stash(Id, digest: new string('a', 64)));

        Assert.Equal((StatusCode.InvalidArgument, FaultReason.OperationReused), (refusal.Code, refusal.Reason));
        Assert.Equal($"operation {Id} was /etcdfleet.agent.v1.ManifestService/StashManifest with another request; expected a new id for a new call", refusal.Text);
    }

    [Fact]
    public async Task SameId_AtAnotherRpc_IsRefused()
    {
        await Stash(Id);

        var refusal = await RefusalAsync(Manifests.RestoreManifestAsync(new() { Operation = TestLease.Operation(Id), Component = Component.Etcd }, Options));

        Assert.Equal(FaultReason.OperationReused, refusal.Reason);
        Assert.True(File.Exists(Node.Root.StashedEtcdManifest));
    }

    /// <summary>What cannot be read is never taken for "never seen".</summary>
    [Fact]
    public async Task Repeat_WhoseRecordIsDamaged_IsNotDoneAgain()
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        await Stash(Id);
        File.Move(Node.Root.StashedEtcdManifest, Node.Root.EtcdManifest);
        File.WriteAllText(Path.Combine(Node.Root.State, "operations", $"{Id}.json"), "{\"id\":");

        var refusal = await RefusalAsync(Stash(Id));

        Assert.Equal((StatusCode.Internal, FaultReason.Io), (refusal.Code, refusal.Reason));
        Assert.Matches("^/var/lib/etcdfleet/operations/operation-1.json is damaged .* move it aside before the call is repeated$", refusal.Text);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
    }
}
