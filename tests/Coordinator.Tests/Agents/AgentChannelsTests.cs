using EtcdFleet.Agent.V1;
using EtcdFleet.Coordinator.Agents;
using EtcdFleet.Coordinator.Pki;
using Grpc.Core;
using Xunit;

namespace EtcdFleet.Coordinator.Tests.Agents;

public sealed class AgentChannelsTests : IDisposable
{
    private readonly ChannelFixture _fixture = new();

    [Fact]
    public async Task Call_TheRightAgent_AnswersAndKnowsWhoCalls()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        var answer = await ChannelFixture.GetNodeAsync(channels, agent);

        Assert.Equal("etcdfleet://kkg/operator/ann/admin", answer.Agent.Node);
    }

    [Fact]
    public async Task Call_WithoutADeadline_GetsOneOf15Seconds()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        var deadline = (await ChannelFixture.GetNodeAsync(channels, agent)).Agent.Now.ToDateTimeOffset();

        Assert.InRange(deadline - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Call_DeniedByRole_NamesTheRoleAndHowToGetAnother()
    {
        var viewer = new Issuance(_fixture.Pki, TimeProvider.System).IssueOperator("bob", "viewer", TimeSpan.FromDays(1), reissue: false);
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels(viewer.Path);

        var denied = await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(ChannelFixture.Node(agent.Port)).Manifests.StashManifestAsync(new(), cancellationToken: ChannelFixture.Cancel));

        Assert.Equal((StatusCode.PermissionDenied, FaultReason.Permission, true), (denied.Code, denied.Reason, denied.Refused));
        Assert.Contains("StashManifest wants the role operator; this command runs as bob, role viewer", denied.Message);
    }

    [Fact]
    public async Task Call_RefusedByAVerb_CarriesItsReasonAndItsWords()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        var refused = await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(ChannelFixture.Node(agent.Port)).Manifests.RestoreManifestAsync(new(), cancellationToken: ChannelFixture.Cancel));

        Assert.Equal(("cp1", StatusCode.FailedPrecondition, FaultReason.UnitRunning), (refused.Node, refused.Code, refused.Reason));
        Assert.Equal("etcd.service runs, expected it stopped", refused.Message);
    }

    [Fact]
    public async Task Stream_ThatFailsInTheMiddle_GivesWhatCameAndThenTheReason()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();
        using var call = channels.On(ChannelFixture.Node(agent.Port)).Snapshots.ReadSnapshot(new(), cancellationToken: ChannelFixture.Cancel);

        Assert.True(await call.ResponseStream.MoveNext(ChannelFixture.Cancel));
        Assert.Equal(256 * 1024, call.ResponseStream.Current.Data.Length);
        var failed = await Assert.ThrowsAsync<AgentCallException>(() => call.ResponseStream.MoveNext(ChannelFixture.Cancel));

        Assert.Equal((StatusCode.Internal, FaultReason.Io, "the disk went away"), (failed.Code, failed.Reason, failed.Message));
    }

    [Fact]
    public async Task Call_TheConnectionBreaksInTheMiddle_NobodyKnowsWhetherTheVerbHasRun()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();
        await ChannelFixture.GetNodeAsync(channels, agent);

        var broken = await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(ChannelFixture.Node(agent.Port)).Manifests.AwaitPodGoneAsync(new() { TimeoutMs = 1 }, cancellationToken: ChannelFixture.Cancel));

        Assert.Equal((StatusCode.Unavailable, true), (broken.Code, broken.Unknown));
        Assert.Contains("the connection to the agent on cp1 broke", broken.Message);
    }

    [Fact]
    public async Task Call_NoAnswerBeforeItsDeadline_SaysSo()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        var late = await Assert.ThrowsAsync<AgentCallException>(async () => await channels.On(ChannelFixture.Node(agent.Port)).Manifests.AwaitPodGoneAsync(
            new(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(500), cancellationToken: ChannelFixture.Cancel));

        Assert.Equal((StatusCode.DeadlineExceeded, true), (late.Code, late.Unknown));
    }

    [Fact]
    public async Task Call_CancelledByItsCaller_IsACancellationAndNoFaultOfTheAgent()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(ChannelFixture.Cancel);

        var call = channels.On(ChannelFixture.Node(agent.Port)).Manifests.AwaitPodGoneAsync(new(), cancellationToken: caller.Token);
        caller.CancelAfter(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call);
    }

    [Fact]
    public async Task On_TheSameNodeTwice_IsTheSameAgent()
    {
        await using var agent = await TestAgent.StartAsync(_fixture.AgentCertificate("cp1"));
        using var channels = _fixture.Channels();

        Assert.Same(channels.On(ChannelFixture.Node(agent.Port)), channels.On(ChannelFixture.Node(agent.Port)));
    }

    public void Dispose() => _fixture.Dispose();
}
