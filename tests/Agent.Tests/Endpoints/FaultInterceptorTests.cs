using System.Text;
using EtcdFleet.Agent.Host;
using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Endpoints;

/// <summary>What a caller sees of a verb that refuses, fails or breaks.</summary>
public sealed class FaultInterceptorTests : AgentFixture
{
    public static TheoryData<FaultReason> EveryReason() => [.. Enum.GetValues<FaultReason>().Where(reason => reason != FaultReason.Unspecified)];

    [Theory]
    [MemberData(nameof(EveryReason))]
    public async Task Fault_OfAnyReason_ArrivesWithItsReasonAndAStatusOfItsKind(FaultReason reason)
    {
        Node.Quorum.Failure = new AgentFault(reason, "found one thing, expected another");

        var failure = await FailureAsync(Stash("operation-1"));

        Assert.Equal(reason, RawRpc.ReasonOf(failure));
        Assert.Equal("found one thing, expected another", failure.Status.Detail);
        Assert.Equal(CodeOf(reason), failure.StatusCode);
    }

    /// <summary>Messages travel in headers, of which a client takes 64 KiB; etcd's journal alone can be longer.</summary>
    [Theory]
    [InlineData("x", 100_000)]
    [InlineData("ä", 100_000)]
    [InlineData("\u0001", 100_000)]
    [InlineData("😀", 50_000)]
    [InlineData("line\n", 200_000)]
    [InlineData("x", 10_000)]
    public async Task Fault_WithAVeryLongMessage_ArrivesWithItsReasonAndBothEnds(string part, int times)
    {
        Node.Quorum.Refusal = $"it was failed. {string.Concat(Enumerable.Repeat(part, times))} panic: the disk is full";

        var failure = await FailureAsync(Stash("operation-1"));

        Assert.Equal((StatusCode.FailedPrecondition, FaultReason.Quorum), (failure.StatusCode, RawRpc.ReasonOf(failure)));
        Assert.StartsWith($"it was failed. {part}", failure.Status.Detail, StringComparison.Ordinal);
        Assert.EndsWith($"{part} panic: the disk is full", failure.Status.Detail, StringComparison.Ordinal);
        Assert.Matches(@"… [0-9]+ bytes left out …", failure.Status.Detail);
        Assert.DoesNotContain('\uFFFD', failure.Status.Detail);
        Assert.InRange(Encoding.UTF8.GetByteCount(failure.Status.Detail), 1000, 8300);
    }

    [Fact]
    public async Task Bug_InAVerbThatReads_IsInternalAndInTheLog()
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        Node.Traces.BeforeLook = () => throw new InvalidOperationException("a bug");

        var failure = await GetNodeAsync();

        Assert.Equal((StatusCode.Internal, FaultReason.Unspecified), (failure.StatusCode, RawRpc.ReasonOf(failure)));
        Assert.StartsWith("InvalidOperationException: a bug; ", failure.Status.Detail, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(Assert.Single(Agent.Logs.Of(LogLevel.Error, "/etcdfleet.agent.v1.NodeService/GetNode")).Failure);
    }

    [Fact]
    public async Task BrokenDisk_InAVerbThatReads_IsInternalWithTheReason()
    {
        Agent.Logs.Expect("in a way that nobody foresaw");
        Node.Traces.BeforeLook = () => throw new IOException("Input/output error");

        var failure = await GetNodeAsync();

        Assert.Equal((StatusCode.Internal, FaultReason.Io, "Input/output error"), (failure.StatusCode, RawRpc.ReasonOf(failure), failure.Status.Detail));
    }

    [Fact]
    public async Task Caller_WhoHangsUp_EndsAVerbThatReads()
    {
        await Stash("stash-it-first");
        Node.Traces.Left.Add(PodSign.Lock);
        var looked = new TaskCompletionSource();
        Node.Traces.BeforeLook = () => looked.TrySetResult();
        using var hangUp = new CancellationTokenSource();
        var waiting = Manifests.AwaitPodGoneAsync(new() { Component = Component.Etcd }, Options.WithCancellationToken(hangUp.Token));
        await looked.Task.WaitAsync(Cancel);

        await hangUp.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await FailureAsync(waiting)).StatusCode);
        // The clock stands still, so the verb would wait for ever; the agent ends only when it has ended.
        await Agent.StopAsync();
        Assert.Empty(Agent.Logs.Of(LogLevel.Error, ""));
    }

    private static StatusCode CodeOf(FaultReason reason) => reason switch
    {
        FaultReason.InvalidRequest or FaultReason.OperationReused => StatusCode.InvalidArgument,
        FaultReason.Permission => StatusCode.PermissionDenied,
        FaultReason.Busy => StatusCode.Aborted,
        FaultReason.Timeout or FaultReason.ApiserverNotReady => StatusCode.DeadlineExceeded,
        FaultReason.MemberUnreachable or FaultReason.DownloadFailed or FaultReason.ApiUnreachable => StatusCode.Unavailable,
        FaultReason.UnitFailed or FaultReason.ProgramFailed or FaultReason.Io => StatusCode.Internal,
        _ => StatusCode.FailedPrecondition,
    };

    private Task<RpcException> GetNodeAsync() => FailureAsync(new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options));
}
