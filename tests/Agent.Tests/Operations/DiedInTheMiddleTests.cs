using EtcdFleet.Agent.Operations;
using EtcdFleet.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdFleet.Agent.Tests.Operations;

/// <summary>An agent that died in a verb whose change is one act: its successor says so, and looks whether it happened.</summary>
public sealed class DiedInTheMiddleTests : AgentFixture
{
    private const string Id = "operation-1";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Operation_BegunAndNeverEnded_IsReported_AndIsWhatItsChangeSays(bool changed)
    {
        await RestartAsync(await BegunRecordAsync(changed));

        var said = Assert.Single(Agent.Logs.Of(LogLevel.Warning, "ended in the middle of"));
        Assert.Contains($"/etcdfleet.agent.v1.ManifestService/StashManifest (operation {Id}, step A3/cp1/stash-manifest)", said.Text, StringComparison.Ordinal);
        await Agent.Services.GetRequiredService<NodeLock>().IdleAsync().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancel);
        if (changed)
        {
            var answer = await Stash(Id);
            Assert.True(answer.Change.Changed);
            Assert.Equal(answer, await Stash(Id));
            return;
        }

        // Nobody waits for it any more: it is not done now, and a repeat does not do it either.
        Assert.Equal(V1.FaultReason.Interrupted, (await RefusalAsync(Stash(Id))).Reason);
        Assert.True(File.Exists(Node.Root.EtcdManifest));
        Assert.True((await Stash("operation-2")).Change.Changed);
    }

    [Fact]
    public async Task Operation_BegunAndNeverEnded_WithAnotherRequest_IsRefused()
    {
        await RestartAsync(await BegunRecordAsync(changed: false));

        Assert.Equal(V1.FaultReason.OperationReused, (await RefusalAsync(Stash(Id, digest: new string('a', 64)))).Reason);
    }

    [Fact]
    public async Task Operation_ThatEnded_IsNotReported()
    {
        await Stash(Id);
        await RestartAsync();

        Assert.Empty(Agent.Logs.Of(LogLevel.Warning, "operation"));
    }

    /// <summary>The disk as it is while the verb works, to be put back after the agent's orderly end: what a killed agent leaves.</summary>
    private async Task<Action> BegunRecordAsync(bool changed)
    {
        var record = Path.Combine(Node.Root.State, "operations", $"{Id}.json");
        var verb = new Standstill();
        Node.Quorum.Standstill = verb;
        var call = Stash(Id);
        await verb.Reached.WaitAsync(Cancel);
        var begun = await File.ReadAllBytesAsync(record, Cancel);
        verb.Release();
        await call;
        Node.Quorum.Standstill = null;
        return () =>
        {
            File.WriteAllBytes(record, begun);
            if (!changed)
            {
                File.Move(Node.Root.StashedEtcdManifest, Node.Root.EtcdManifest);
            }
        };
    }
}
