using System.Security.Cryptography;
using EtcdFleet.Agent.Tests.Endpoints;
using EtcdFleet.Agent.Tests.Host;
using EtcdFleet.Agent.Tests.Leases;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>Calls that come again, too late or out of their order, to the real agent over its socket: each is refused, audited, and leaves every file as it was.</summary>
public sealed class ReplayTests : LeaseFixture
{
    private const string Id = "operation-1";

    /// <summary>Field 1000, a number.</summary>
    private static readonly byte[] UnknownField = [0xC0, 0x3E, 0x01];

    private GrpcChannel? _socket;

    public static TheoryData<string> EveryMutatingRpc() => [.. ServedRpcs.Mutating.Select(RawRpc.PathOf)];

    private GrpcChannel Socket => _socket ??= Agent.ConnectLocal();

    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public async Task SameId_WithAnotherBody_IsRefused(string path)
    {
        Agent.Logs.Expect("");
        await Acquire("run-a", 5);
        var rpc = ServedRpcs.Of(path);
        await AnswerAsync(rpc, Request(rpc, "run-a", 5));
        var before = Files();

        // A field that this agent does not know is a part of the request as well: the next version's may mean something by it.
        var answer = await AnswerAsync(rpc, [.. Request(rpc, "run-a", 5), .. UnknownField]);

        Refused(FaultReason.OperationReused, answer, rpc, before);
    }

    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public async Task SameCall_AfterANewerFence_IsRefused_WhoseverTheNewerOneIs(string path)
    {
        Agent.Logs.Expect("");
        await Acquire("run-a", 5);
        var rpc = ServedRpcs.Of(path);
        var request = Request(rpc, "run-a", 5);
        await AnswerAsync(rpc, request);

        await Acquire("run-a", 6);
        var before = Files();
        Refused(FaultReason.Fenced, await AnswerAsync(rpc, request), rpc, before);

        Pass(31);
        await Acquire("run-b", 7);
        before = Files();
        Refused(FaultReason.Fenced, await AnswerAsync(rpc, request), rpc, before);

        await Release("run-b", 7);
        before = Files();
        Refused(FaultReason.Fenced, await AnswerAsync(rpc, request), rpc, before);
    }

    /// <summary>It was sent while its run had the lease, and was under way for longer than that.</summary>
    [Theory]
    [MemberData(nameof(EveryMutatingRpc))]
    public async Task FirstCall_OfTheHolderBefore_ThatArrivesLate_IsRefused(string path)
    {
        await Acquire("run-a", 5);
        Pass(31);
        await Acquire("run-b", 6);
        var (rpc, before) = (ServedRpcs.Of(path), Files());

        Refused(FaultReason.Fenced, await AnswerAsync(rpc, Request(rpc, "run-a", 5)), rpc, before);
        Assert.Empty(Node.Operations);
    }

    [Fact]
    public async Task Renewal_ThatArrivesAfterATakeover_IsRefused_AndGivesTheHolderNoTime()
    {
        await Acquire("run-a", 5);
        Pass(31);
        await Acquire("run-b", 6);
        Pass(10);
        var (before, lease) = (Files(), (await LookAsync()).Lease);

        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Renew("run-a", 5))).Reason);

        Assert.Equal((before, lease), (Files(), (await LookAsync()).Lease));
        Assert.Equal(("lease", "Fenced", "run-a"), (Node.Audit[^1].What, Node.Audit[^1].Outcome, Node.Audit[^1].Run));
    }

    /// <summary>The run raised its fence, and its renewal with the one before was overtaken.</summary>
    [Fact]
    public async Task Renewal_WithTheFenceBefore_IsRefused_AndGivesNoTime()
    {
        await Acquire("run-a", 5);
        await Acquire("run-a", 6);
        Pass(10);
        var before = Files();

        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Renew("run-a", 5))).Reason);

        Assert.Equal(before, Files());
        Assert.Equal(20_000u, (await LookAsync()).Lease.RemainingMs);
        Assert.Equal(("Fenced", "run-a"), (Node.Audit[^1].Outcome, Node.Audit[^1].Run));
    }

    [Theory]
    [InlineData("run-a", 5)]
    [InlineData("run-a", 6)]
    [InlineData("run-c", 4)]
    public async Task Grant_WithAnOlderFenceAfterANewerOne_IsRefused(string run, ulong fence)
    {
        await Acquire("run-a", 5);
        Pass(31);
        await Acquire("run-b", 6);
        await Release("run-b", 6);
        var before = Files();

        Assert.Equal(FaultReason.Fenced, (await RefusalAsync(Acquire(run, fence))).Reason);

        Assert.Equal(before, Files());
        Assert.Equal(("lease", "Fenced", run), (Node.Audit[^1].What, Node.Audit[^1].Outcome, Node.Audit[^1].Run));
    }

    /// <summary>The run's last word comes after the next one's first, or after its own fence was raised.</summary>
    [Fact]
    public async Task Release_ThatArrivesLate_EndsNobodysLease()
    {
        await Acquire("run-a", 5);
        await Acquire("run-a", 6);
        var before = Files();
        Assert.Null((await Release("run-a", 5)).Released);
        Assert.Equal((before, "run-a"), (Files(), (await LookAsync()).Lease.Run));

        Pass(31);
        await Acquire("run-b", 7);
        before = Files();
        Assert.Null((await Release("run-a", 6)).Released);
        Assert.Equal((before, "run-b"), (Files(), (await LookAsync()).Lease.Run));
    }

    public override async ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        await base.DisposeAsync();
    }

    private static byte[] Request(MethodDescriptor rpc, string run, ulong fence)
    {
        var request = PlantedLinkTests.RequestOf(rpc);
        rpc.InputType.FindFieldByName("operation").Accessor.SetValue(request, new Operation { Id = Id, Run = run, Step = "A3/cp1/some-step", Fence = fence });
        return request.ToByteArray();
    }

    private Task<RawAnswer> AnswerAsync(MethodDescriptor rpc, byte[] request) => RawRpc.CallAsync(Socket, rpc, request, Cancel);

    private void Refused(FaultReason reason, RawAnswer answer, MethodDescriptor rpc, string before)
    {
        Assert.Equal(reason, answer.Reason);
        Assert.True(answer.Code is StatusCode.FailedPrecondition or StatusCode.InvalidArgument, $"{answer.Code}");
        Assert.Equal(before, Files());
        var last = Node.Audit[^1];
        Assert.Equal(("refused", reason.ToString(), Id, "run-a", RawRpc.PathOf(rpc)), (last.What, last.Outcome, last.Operation, last.Run, last.Rpc));
    }

    /// <summary>Everything on the node but the audit itself: name, owner, mode, content.</summary>
    private string Files() => string.Join('\n', Directory.EnumerateFileSystemEntries(Node.Root.Prefix, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Where(path => !path.EndsWith("/audit.jsonl", StringComparison.Ordinal) && !path.EndsWith(".sock", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(path => $"{Node.Root.Name(path)} {Node.Host.OwnerOf(Node.Root.Name(path))} {(File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "")}"));
}
