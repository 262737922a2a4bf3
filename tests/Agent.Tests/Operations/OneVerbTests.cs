using EtcdFleet.Agent.V1;
using EtcdFleet.TestKit;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>One mutating verb at a time, which goes on to its end whoever hangs up.</summary>
public sealed class OneVerbTests : AgentFixture
{
    private const string Id = "operation-1";
    private const string Holder = "StashManifest A3/cp1/stash-manifest";

    private Standstill Verb { get; } = new();

    public override ValueTask InitializeAsync()
    {
        Node.Quorum.Standstill = Verb;
        return base.InitializeAsync();
    }

    [Fact]
    public async Task SecondVerb_WhileOneIsAtWork_IsToldWhoseTurnItIs()
    {
        var first = await BegunAsync();

        var refusal = await RefusalAsync(Manifests.RestoreManifestAsync(new() { Operation = TestLease.Operation("operation-2"), Component = Component.Etcd }, Options));

        Assert.Equal((StatusCode.Aborted, FaultReason.Busy, $"{Holder} is at work on this node, expected nobody; wait for it to end"), refusal);
        Assert.DoesNotContain("operation-2", Node.Operations);
        Verb.Release();
        Assert.True((await first).Change.Changed);
        // Nothing is left of the refusal: the same id may come again.
        Assert.True((await Manifests.RestoreManifestAsync(new() { Operation = TestLease.Operation("operation-2"), Component = Component.Etcd }, Options)).Change.Changed);
    }

    [Fact]
    public async Task SameOperation_WhileItIsAtWork_IsBusy_AndGetsTheAnswerAfterwards()
    {
        var first = await BegunAsync();

        Assert.Equal(StatusCode.Aborted, (await FailureAsync(Stash(Id))).StatusCode);
        Verb.Release();

        Assert.Equal((await first).ToByteArray(), (await Stash(Id)).ToByteArray());
        Assert.Single(Node.Quorum.Asked);
    }

    [Fact]
    public async Task Reads_WhileAVerbIsAtWork_AreAnswered_AndSayWhoItIs()
    {
        var first = await BegunAsync();

        var facts = await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options);
        var (_, text) = await Agent.AskAsync("/readyz", Cancel);

        Assert.Equal(Holder, facts.Agent.BusyWith);
        Assert.Contains($"at work: {Holder}\n", text, StringComparison.Ordinal);
        Verb.Release();
        await first;
        Assert.Equal("", (await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options)).Agent.BusyWith);
    }

    [Fact]
    public async Task Caller_WhoHangsUp_DoesNotEndTheVerb()
    {
        using var hangUp = new CancellationTokenSource();
        var call = Stash(Id, options: Options.WithCancellationToken(hangUp.Token));
        await Verb.Reached.WaitAsync(Cancel);

        await hangUp.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await FailureAsync(call)).StatusCode);
        await EndsAllTheSameAsync();
    }

    [Fact]
    public async Task Caller_WhoseDeadlinePasses_DoesNotEndTheVerb()
    {
        var call = Stash(Id, options: Options.WithDeadline(TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(700)));
        await Verb.Reached.WaitAsync(Cancel);

        Assert.Equal(StatusCode.DeadlineExceeded, (await FailureAsync(call)).StatusCode);
        await EndsAllTheSameAsync();
    }

    [Fact]
    public async Task Caller_WhoseConnectionBreaks_DoesNotEndTheVerb()
    {
        using var certificate = Node.Pki.Operator("operator");
        using var channel = Agent.Connect(certificate);
        var call = new ManifestService.ManifestServiceClient(channel).StashManifestAsync(
            new() { Operation = TestLease.Operation(Id, "A3/cp1/stash-manifest"), Component = Component.Etcd }, Options);
        await Verb.Reached.WaitAsync(Cancel);

        channel.Dispose();

        await FailureAsync(call);
        await EndsAllTheSameAsync();
    }

    /// <summary>SIGTERM, as at a reboot: systemd gives the agent 250 s.</summary>
    [Fact]
    public async Task Stop_WhileAVerbIsAtWork_WaitsForItsEndAndAnswersItsCaller()
    {
        var call = await BegunAsync();

        var stopping = Agent.StopAsync();
        await Soon.IsTrueAsync(() => Agent.Logs.Of(LogLevel.Information, $"Stopping as soon as {Holder} has ended").Count == 1, Cancel);
        Assert.False(stopping.IsCompleted);
        Verb.Release();

        Assert.True((await call).Change.Changed);
        await stopping;
        Assert.Equal("changed", Node.Audit[^1].Outcome);
    }

    [Fact]
    public async Task Stop_WhileAVerbIsAtWorkThatNobodyWaitsFor_WaitsForItsEnd()
    {
        using var hangUp = new CancellationTokenSource();
        var call = Stash(Id, options: Options.WithCancellationToken(hangUp.Token));
        await Verb.Reached.WaitAsync(Cancel);
        await hangUp.CancelAsync();
        await FailureAsync(call);

        var stopping = Agent.StopAsync();
        await Soon.IsTrueAsync(() => Agent.Logs.Of(LogLevel.Information, "Stopping as soon as").Count == 1, Cancel);
        Assert.False(stopping.IsCompleted);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
        Verb.Release();

        await stopping;
        Assert.True(File.Exists(Node.Root.StashedEtcdManifest));
        Assert.Equal("changed", Node.Audit[^1].Outcome);
    }

    private async Task<AsyncUnaryCall<StashManifestResponse>> BegunAsync()
    {
        var call = Stash(Id);
        await Verb.Reached.WaitAsync(Cancel);
        return call;
    }

    private async Task EndsAllTheSameAsync()
    {
        Assert.True(File.Exists(Node.Root.EtcdManifest));
        Assert.Equal(Holder, (await new NodeService.NodeServiceClient(Channel).GetNodeAsync(new(), Options)).Agent.BusyWith);

        Verb.Release();

        await Soon.IsTrueAsync(() => Node.Audit[^1].What == "end", Cancel);
        Assert.Equal("changed", Node.Audit[^1].Outcome);
        Assert.True(File.Exists(Node.Root.StashedEtcdManifest));
        var answer = await Stash(Id);
        Assert.True(answer.Change.Changed);
        Assert.Single(Node.Quorum.Asked);
    }
}
